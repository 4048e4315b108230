"""A grant narrowed on a telephone without script, and an emergency from the glass to the search."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_every_page import AXE, judged

PHONE, DESK = 390, 1440


def looks_right(page):
    """Nothing runs over the edge, and axe finds nothing (it needs a page with scripts)."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    if AXE.exists():
        assert judged(page) == [], page.url


def number_of(visit, house):
    page = visit("luyuan")
    page.goto(f"/people/?q={house['person']}")
    page.goto(f"/people/{house['person']}/open/")
    return re.search(r"X\d+-RS·JX-\d+", page.content())[0]


def behind_the_glass(page, house):
    """Each time it is asked anew who sits there."""
    page.goto("/emergency/")
    if "/confirm/" in page.url:
        page.fill("#present", house["password"])
        page.get_by_role("button", name="确认").click()
    expect(page.locator("h1")).to_contain_text("紧急查阅")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_less_is_given_without_script_and_both_are_read_by_both(visit, house, width):
    number = number_of(visit, house)
    asking = visit("zhoumin", width=width, script=False)
    asking.goto("/grants/ask/")
    asking.fill("#g-numbers", f"{number}\nX999-没有这卷")
    asking.select_option("#g-purpose", "benefit")
    asking.fill("#g-reason", f"核定护理费，宽 {width}")
    asking.get_by_label("健康").check()
    asking.fill("#g-prints", "3")
    asking.get_by_role("button", name="提交申请").click()
    deciding = visit("luyuan", width=width, script=False)
    deciding.goto("/grants/desk/")
    waiting = deciding.locator("section[aria-labelledby=t-waiting] > ul > li").filter(
        has_text=f"宽 {width}"
    )
    waiting.locator("summary", has_text="少批一些").click()
    waiting.get_by_label("X999-没有这卷").uncheck()
    waiting.get_by_label("健康").uncheck()
    waiting.get_by_label("打印几次").fill("1")
    waiting.get_by_label("意见").fill("只核基本信息")
    waiting.get_by_role("button", name="批准", exact=True).click()
    expect(deciding.locator("#notices")).to_contain_text("比申请的少")
    for who, where in (("zhoumin", "/grants/"), ("luyuan", "/grants/desk/")):
        page = visit(who, width=width)
        page.goto(where)
        one = page.locator("li").filter(has_text=f"宽 {width}").first
        expect(one).to_contain_text("已用 0 次，共 1 次")
        asked = one.locator(".note.warn")
        expect(asked).to_contain_text("X999-没有这卷")
        expect(asked).to_contain_text("3 次")
        looks_right(page)


def test_the_form_of_less_opens_and_fits(visit, house):
    number = number_of(visit, house)
    asking = visit("zhoumin")
    asking.goto("/grants/ask/")
    asking.fill("#g-numbers", "\n".join([number, *(f"X012-RS·JX-{n:05}" for n in range(1, 30))]))
    asking.select_option("#g-purpose", "benefit")
    asking.fill("#g-reason", "三十卷一起")
    asking.fill("#g-exports", "2")
    looks_right(asking)
    asking.get_by_role("button", name="提交申请").click()
    for width in (PHONE, DESK):
        page = visit("luyuan", width=width)
        page.goto("/grants/desk/")
        for summary in page.locator("summary", has_text="少批一些").all():
            summary.click()
        looks_right(page)


def test_the_named_reader_breaks_the_glass_and_searches_the_one_file(visit, house):
    officer = visit("anbao")
    officer.goto("/emergency/officers/")
    officer.select_option("#n-user", "qinzheng")
    officer.select_option("#n-unit", "9900")
    officer.fill("#n-why", "夜班值守")
    officer.get_by_role("button", name="指定", exact=True).click()
    looks_right(officer)
    leader = visit("luyuan")
    leader.goto("/emergency/officers/")
    leader.locator("li", has_text="秦正").get_by_role("button", name="批准").click()
    number = number_of(visit, house)
    for width in (PHONE, DESK):
        page = visit("qinzheng", width=width)
        behind_the_glass(page, house)
        looks_right(page)
        page.fill("#e-sought", number)
        page.fill("#e-reason", f"突发心梗，急查过敏史，宽 {width}")
        page.get_by_role("button", name="打开这一卷").click()
        expect(page.locator("h1")).to_contain_text("林长河")
        looks_right(page)
        page.goto("/search/?q=三连")
        looks_right(page)
        behind_the_glass(page, house)
        expect(page.locator("section[aria-labelledby=t-uses]")).to_contain_text(f"宽 {width}")
        looks_right(page)
    officer.goto("/emergency/officers/")
    looks_right(officer)
