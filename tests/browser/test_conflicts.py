"""Two birth dates: found in the list by keyboard, decided by one, looked at by the second; on both widths."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_granting import DESK, PHONE, looks_right


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_key_date_is_decided_by_keyboard_and_put_before_a_second_person(visit, house, width):
    one = visit("zhoumin", width=width)
    one.goto("/conflicts/?severity=wrong&field=出生日期")
    one.keyboard.press("j")
    one.keyboard.press("Enter")
    expect(one.locator("h1")).to_contain_text("林长河")
    expect(one.get_by_text("按规则是这一种")).to_have_count(1)
    expect(one.locator(".weigh > li")).to_have_count(2)
    looks_right(one)
    one.locator("input[name=claim]").first.focus()
    one.keyboard.press("ArrowDown")  # the other source
    one.locator("#reason").fill(f"户口底册为证，宽 {width}")
    one.keyboard.press("Enter")
    expect(one.get_by_text("已记下")).to_be_visible()
    second = visit("qinzheng", width=width)
    second.goto(f"/conflicts/{house['doubt']}/")
    expect(second.get_by_text(f"户口底册为证，宽 {width}")).to_be_visible()
    looks_right(second)
    second.get_by_role("button", name="不同意").click()
    expect(second.get_by_text("已记下")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_was_known_on_a_day_is_asked_by_a_date(visit, house, width):
    page = visit("zhoumin", width=width)
    page.goto(f"/people/{house['person']}/")
    page.get_by_role("link", name="来源与历史").click()
    expect(page.locator("h1")).to_contain_text("来源与历史")
    page.locator("#known").fill("2020-05-01")
    page.get_by_role("button", name="看这一天").click()
    expect(page.get_by_text("那时还不知道").first).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="看现在").click()
    expect(page.get_by_text("认定", exact=True).first).to_be_visible()
