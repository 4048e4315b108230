"""Each role lands on its task and sees nothing else; officers do theirs; a wrong password is said plainly."""

import time

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


def test_a_role_is_proposed_by_the_security_officer_and_approved_by_the_leader(visit):
    page = visit("anbao")
    page.goto("/officers/changes/")
    page.select_option("#r-what", "assign")
    page.select_option("#r-user", "newcomer")
    page.select_option("#r-role", "reviewer")
    page.select_option("#r-unit", "990102")
    page.fill("#r-reason", "新来的审核员")
    page.get_by_role("button", name="提出", exact=True).click()
    waiting = page.locator("section[aria-labelledby=t-waiting] tr", has_text="newcomer")
    expect(waiting).to_contain_text("审核员")
    assert waiting.locator("text=批准").count() == 0
    leader = visit("luyuan")
    leader.goto("/officers/changes/")
    leader.locator("section[aria-labelledby=t-waiting] tr", has_text="newcomer").get_by_role(
        "button", name="批准"
    ).click()
    expect(
        leader.locator("section[aria-labelledby=t-held] tr", has_text="newcomer")
    ).to_contain_text("审核员")


def test_the_security_officer_settles_a_stopped_page(visit):
    page = visit("anbao")
    page.goto("/officers/secrets/")
    page.locator("[name=note]").first.fill("已交保密柜 3 号")
    page.click("text=是涉密，已线下处理")
    expect(page.locator("#notices")).to_contain_text("处置已记下")


def test_an_officer_sets_up_an_app_without_script_and_comes_in_by_its_code(visit, house):
    from allauth.mfa.totp.internal import auth as totp

    page = visit(script=False)
    page.goto("/login/")
    page.fill("#id_username", "second")
    page.fill("#id_password", house["password"])
    page.click("form.card button")
    secret = page.locator("[data-secret]").inner_text().replace(" ", "")
    page.fill("#code", totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))
    page.click("text=设好并登录")
    assert page.locator("[data-codes] li").count() == 10
    recovery = page.locator("[data-codes] li").first.inner_text()
    page.click("text=抄好了")
    expect(page.locator("h1")).to_contain_text("审计账")
    page.get_by_role("button", name="退出").click()
    page.fill("#id_username", "second")
    page.fill("#id_password", house["password"])
    page.click("form.card button")
    page.fill("#code", recovery)
    page.click("form.card button")
    expect(page.locator("h1")).to_contain_text("审计账")


def test_a_passkey_is_added_and_opens_the_door(chromium, house):
    """With the browser's own virtual authenticator, at a host name: digits have no passkeys."""
    address = house.address.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=address, locale="zh-CN")
    context.set_default_timeout(15000)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    try:
        enter_as(page, "keyholder", house["password"])
        page.wait_for_url(lambda url: "/login/" not in url)
        page.goto("/factors/")
        page.fill("#k-name", "办公桌")
        page.click("text=加上")
        expect(page.locator("section[aria-labelledby=t-held]")).to_contain_text("办公桌")
        context.clear_cookies()
        enter_as(page, "keyholder", house["password"])
        page.click("text=用通行密钥")
        page.wait_for_url(lambda url: "/login/" not in url)
        expect(page.locator("h1")).to_contain_text("还没有岗位")
    finally:
        context.close()


def enter_as(page, username, password):
    page.goto("/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("form.card button")


def test_the_audit_officer_verifies_the_ledger(visit):
    page = visit("shenji")
    page.goto("/officers/ledger/")
    page.click("text=从头重算一遍")
    expect(page.locator(".note.ok")).to_contain_text("全部对得上")


def test_the_leader_switches_a_rule_and_that_is_on_record(visit):
    page = visit("luyuan")
    page.goto("/")
    row = page.locator("tr", has_text="银杏路军休所")
    row.get_by_role("button", name="批量确认可信值").click()
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
