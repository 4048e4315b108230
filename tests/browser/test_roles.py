"""Each role lands on its task and sees nothing else; officers do theirs; a wrong password is said plainly."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("who", "where", "heading"),
    [
        ("sunxi", "/officers/units/", "机构与账号"),
        ("anbao", "/officers/roles/", "岗位权限"),
        ("shenji", "/officers/ledger/", "审计账"),
        ("luyuan", "/", "总览"),
        ("newcomer", "/", "还没有岗位"),
        ("zhoumin", "/", "周敏"),
    ],
)
def test_a_role_lands_on_its_task(visit, house, who, where, heading):
    page = visit(who)
    page.goto("/")
    assert page.url == house.address + where
    expect(page.locator("h1")).to_contain_text(heading)


@pytest.mark.parametrize("who", ["sunxi", "anbao", "shenji", "newcomer"])
def test_an_officer_sees_no_archive(visit, house, who):
    page = visit(who)
    page.watch.allow(404)
    for path in (f"/people/{house['person']}/", "/search/?q=林长河", "/batches/", "/review/"):
        assert page.goto(path).status == 404
    assert page.locator("#find").count() == 0


def test_the_system_officer_adds_a_unit_and_an_account_without_rights(visit):
    page = visit("sunxi")
    page.goto("/officers/units/")
    page.fill("#u-name", "新建军休所")
    page.fill("#u-code", "990199")
    page.select_option("#u-parent", "9900")
    page.click("text=建机构")
    expect(page.locator("section[aria-labelledby=t-units]")).to_contain_text("990199")
    page.fill("#p-name", "何芸")
    page.fill("#p-user", "heyun")
    page.fill("#p-word", "a long first password 7")
    page.click("text=建账号")
    expect(page.locator("section[aria-labelledby=t-users]")).to_contain_text("heyun")


def test_the_security_officer_assigns_a_role_and_settles_a_stopped_page(visit):
    page = visit("anbao")
    page.goto("/officers/roles/")
    page.select_option("#r-user", "newcomer")
    page.select_option("#r-role", "reviewer")
    page.select_option("#r-unit", "990102")
    page.click("text=分配岗位")
    expect(page.locator("section[aria-labelledby=t-held] tr", has_text="newcomer")).to_contain_text(
        "审核员"
    )
    page.goto("/officers/secrets/")
    page.locator("[name=note]").first.fill("已交保密柜 3 号")
    page.click("text=是涉密，已线下处理")
    expect(page.locator("#notices")).to_contain_text("处置已记下")


def test_the_audit_officer_verifies_the_ledger(visit):
    page = visit("shenji")
    page.goto("/officers/ledger/")
    page.click("text=从头重算一遍")
    expect(page.locator(".note.ok")).to_contain_text("全部对得上")


def test_the_leader_switches_a_rule_and_that_is_on_record(visit):
    page = visit("luyuan")
    page.goto("/")
    row = page.locator("tr", has_text="银杏路军休所")
    row.locator("button").click()
    expect(page.locator("#notices")).to_contain_text("规则已改")
    expect(page.locator("tr", has_text="银杏路军休所")).to_contain_text("改为不可以")


def test_a_wrong_password_is_said_plainly_and_takes_the_focus(visit):
    page = visit()
    page.goto("/people/")
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("form.card button")
    expect(page.locator("[data-errors]")).to_contain_text("用户名或口令不对")
    assert page.locator("[data-errors]").evaluate("(box) => box === document.activeElement")


def test_english_is_one_click_away_and_stays(visit, house):
    page = visit("qinzheng")
    page.goto("/")
    page.click("text=字号与配色")
    page.click("text=English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"/people/{house['person']}/")
    expect(page.locator(".known")).to_contain_text("Date of birth")
    expect(page.locator(".tree")).to_contain_text("Records of service")
    expect(page.locator(".cover")).to_contain_text("Wutongli Home")
