"""The review desk: a whole material without the mouse, input methods respected, pages moved about."""

import re

from playwright.sync_api import expect


def desk(page, batch, number=0):
    """Open a material of the batch."""
    page.goto(f"/batches/{batch}/")
    page.locator("section[aria-labelledby=t-materials] a[data-row]").nth(number).click()
    expect(page.locator("[data-ask]:focus")).to_have_count(1)  # the script is there


def at(page, name):
    """The value of that name has the focus."""
    expect(page.locator(f"[name='{name}']").last).to_be_focused()


def acts(page):
    page.click("summary:has-text('拆、并、移')")
    return page.locator(".acts")


def rows(page):
    return page.locator("section[aria-labelledby=t-materials] tbody tr")


def test_a_whole_material_is_decided_by_keyboard_alone(visit, house):
    page = visit("zhoumin")
    desk(page, house["keyboard"])
    # It starts at the first value to look at; F2 goes round those that are left.
    at(page, "person")
    page.keyboard.press("F2")
    at(page, "field:出生日期")
    expect(page.locator(".marks rect.on")).to_have_count(1)
    page.keyboard.press("Enter")  # right, next
    at(page, "field:籍贯")
    page.keyboard.press("F2")
    at(page, "field:入伍日期")
    page.keyboard.press("Control+A")
    page.keyboard.type("1956-03")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    at(page, "person")
    page.keyboard.press("Enter")
    expect(page.locator("[data-left]")).to_have_text("0")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".verdict h1")).to_contain_text("谢云帆")  # the next one
    page.goto(f"/batches/{house['keyboard']}/")
    expect(rows(page).first).to_contain_text("已归卷")
    page.goto("/people/")
    page.click("a[data-row]:has-text('沈怀瑾')")
    expect(page.locator(".known")).to_contain_text("1956-03")
    expect(page.locator(".known")).to_contain_text("周敏")


def test_what_was_not_read_is_added_by_keyboard_and_enter_alone_sends_nothing(visit, house):
    page = visit("zhoumin")
    desk(page, house["keyboard"], 1)
    here = page.url
    page.locator("[data-added] summary").press("Enter")
    names, values = page.locator("[name=added_name]"), page.locator("[name=added_value]")
    names.first.focus()
    names.first.select_option("民族")
    page.keyboard.press("Enter")
    expect(values.first).to_be_focused()
    page.keyboard.type("满族")
    page.keyboard.press("Enter")
    expect(page.locator("[name=added_scan]").first).to_be_focused()
    names.last.select_option("曾用名")  # behind the last row a new one follows
    expect(names).to_have_count(4)
    expect(values.last).to_have_value("")
    names.nth(2).select_option("")
    page.locator("[name=note]").press("Enter")
    expect(page.locator("[data-confirm]")).to_be_focused()
    page.locator("[name=person]").select_option("new")
    page.locator("[name=new_name]").press("Enter")  # belongs to whose it is
    expect(page.locator("[name='field:姓名']")).to_be_focused()
    assert page.url == here
    for tick in page.locator("[data-looked]").all():
        tick.check()
    page.locator("[name=note]").press("Control+Enter")
    page.wait_for_url(lambda url: url != here)
    page.goto("/people/")
    page.click("a[data-row]:has-text('谢云帆')")
    row = page.locator(".known > div", has_text="民族")
    expect(row).to_contain_text("满族")
    expect(row.locator("a[data-evidence]")).to_be_visible()


def test_ctrl_enter_goes_to_what_was_not_looked_at_before_it_confirms(visit, house):
    page = visit("zhoumin")
    desk(page, house["refused"])
    page.locator("[name='field:籍贯']").focus()
    page.keyboard.press("Control+Enter")
    at(page, "field:入伍日期")
    expect(page.locator(".verdict h1")).to_contain_text("鲁守正")


def test_enter_belongs_to_the_input_method_while_it_composes(visit, house):
    page = visit("zhoumin")
    desk(page, house["refused"])
    page.locator("[name='field:籍贯']").focus()
    for options in ("{isComposing: true}", "{keyCode: 229}"):
        page.evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            f" Object.assign({{key: 'Enter', bubbles: true, cancelable: true}}, {options})))"
        )
        at(page, "field:籍贯")
    page.keyboard.press("Enter")
    at(page, "field:入伍日期")


def test_a_refused_decision_keeps_what_was_typed(visit, house):
    page = visit("zhoumin")
    page.watch.allow(422)
    desk(page, house["refused"])
    page.fill("[name='formed']", "一九八三年十三月")
    page.fill("[name='field:籍贯']", "山东烟台")
    for tick in page.locator("[data-looked]").all():
        tick.check()
    page.click("[data-confirm]")
    expect(page.locator("[data-errors]")).to_contain_text("形成时间")
    assert page.locator("[data-errors]").evaluate("(box) => box === document.activeElement")
    assert page.input_value("[name='field:籍贯']") == "山东烟台"
    assert page.input_value("[name='formed']") == "一九八三年十三月"


def test_of_two_clerks_on_one_material_the_second_is_told(visit, house):
    one, two = visit("zhoumin"), visit("qinzheng")
    two.watch.allow(409)
    desk(one, house["acts"], 1)
    desk(two, house["acts"], 1)
    with one.expect_navigation():
        acts(one).locator("form:has([value=turn]) button").click()
    two.click("[data-confirm]")
    expect(two.locator("[data-errors]")).to_contain_text("刚改过")


def test_split_merge_reorder_move_set_aside_and_send_back(visit, house):
    page = visit("zhoumin")
    batch = house["acts"]
    desk(page, batch)
    form = acts(page).locator("form:has([value=reorder])")
    first = form.locator("select").first.evaluate("(list) => list.value")
    second = form.locator("select").nth(1).evaluate("(list) => list.value")
    form.locator("select").first.select_option(second)
    form.locator("select").nth(1).select_option(first)
    form.locator("button").click()
    expect(page.locator(".strip a").first).to_have_attribute("data-page", second)

    acts(page).locator("form:has([value=split]) button").click()
    expect(page.locator(".strip a")).to_have_count(1)
    page.goto(f"/batches/{batch}/")
    expect(rows(page)).to_have_count(3)

    desk(page, batch, 1)  # what was split off: move its second page to the first material
    form = acts(page).locator("form:has([value=move])")
    form.locator("[name=scan]").select_option(index=1)
    form.locator("[name=to]").select_option(index=0)
    form.locator("button").click()
    expect(page.locator(".strip a")).to_have_count(1)
    desk(page, batch)
    expect(page.locator(".strip a")).to_have_count(2)

    desk(page, batch, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    acts(page).locator("form:has([value=merge]) button").click()
    expect(page.locator(".strip a")).to_have_count(3)
    page.goto(f"/batches/{batch}/")
    expect(rows(page)).to_have_count(2)

    desk(page, batch)
    form = acts(page).locator("form:has([value='set-aside'])")
    form.locator("[name=scan]").select_option(index=2)
    form.locator("[name=reason]").fill("夹着的便条")
    form.locator("button").click()
    expect(page.locator(".strip a")).to_have_count(2)

    page.click("footer >> text=退回重扫")
    at(page, "reason")
    page.keyboard.type("缺边缺角")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"/batches/{batch}/")
    expect(rows(page).first).to_contain_text("请重扫")
    expect(page.locator("#rescans")).to_contain_text("缺边缺角")


def test_sure_values_are_confirmed_at_once_where_the_rule_allows_it(visit, house):
    page = visit("zhoumin")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/batches/{house['sure']}/")
    page.click("text=一次确认 1 份可信的")
    expect(page.locator("#notices")).to_contain_text("已确认 1 份")
    page.goto(f"/batches/{house['sure']}/")
    expect(rows(page).first).to_contain_text("已归卷")


def test_the_second_check_is_made_by_another_person(visit, house):
    clerk, reviewer = visit("zhoumin"), visit("qinzheng")
    clerk.goto(f"/review/{house['check']}/")
    assert clerk.locator("text=复核无误").count() == 0
    reviewer.goto("/?todo=check")
    reviewer.click("#todo >> text=去复核")
    reviewer.click("text=复核无误")
    reviewer.goto(f"/review/{house['check']}/")
    expect(reviewer.locator(".verdict footer")).to_contain_text("已归卷")


def test_the_desk_works_without_script(visit, house):
    page = visit("zhoumin", script=False)
    page.goto(f"/batches/{house['shots']}/")
    page.locator("section[aria-labelledby=t-materials] a[data-row]").first.click()
    image = page.locator("[data-stage] img")
    assert image.get_attribute("src")
    page.click(".strip a >> nth=1")
    assert re.search(r"page=", page.url)
    page.click("footer >> text=先放一放")
    page.goto(f"/batches/{house['shots']}/")
    expect(rows(page).first).to_contain_text("先放一放")
