"""The person's file and the search: facts with their evidence, the viewer, words in the file, hits drawn."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def file(visit, house):
    """The clerk looks at a file with two materials."""
    page = visit("zhoumin")
    page.goto(f"/people/{house['person']}/")
    expect(page.locator(".stage canvas")).to_be_visible()
    return page


def zoom(page):
    """How wide the page of the file is drawn, in CSS pixels."""
    return page.locator(".marks").evaluate("(marks) => marks.getBoundingClientRect().width")


def test_a_fact_leads_to_the_line_on_the_page(file):
    row = file.locator(".known > div", has_text="籍贯")
    row.locator("a[data-evidence]").first.click()
    file.wait_for_load_state()
    expect(file.locator(".marks rect.on")).to_have_count(1)
    assert file.locator(".strip a[aria-current]").get_attribute("data-page") == row.locator(
        "a[data-evidence]"
    ).first.get_attribute("data-page")


def test_what_another_source_says_stands_beside_it(file):
    row = file.locator(".known > div", has_text="出生日期")
    expect(row).to_contain_text("另有一说")
    expect(row).to_contain_text("1936-04")
    expect(row).to_contain_text("1938-04")
    expect(file.locator("section[aria-labelledby=t-agree]")).to_contain_text("出生日期")


def test_zoom_turn_marks_and_thumbnails(file):
    whole = zoom(file)
    file.click("[data-view=in]")
    file.wait_for_timeout(50)
    assert zoom(file) > whole * 1.2
    file.click("[data-view=fit]")
    file.click("[data-view=turn]")
    expect(file.locator(".marks rect.low").first).to_be_attached()
    file.click("[data-view=marks]")
    expect(file.locator(".marks")).to_be_hidden()
    file.click(".strip a >> nth=1")
    expect(file.locator(".strip a >> nth=1")).to_have_attribute("aria-current", "page")
    expect(file.locator("[data-page-text]")).to_contain_text("某部三连")
    file.click("[data-view=previous]")
    expect(file.locator(".strip a >> nth=0")).to_have_attribute("aria-current", "page")


def test_the_page_as_it_was_scanned_is_one_click_from_the_cleaned_one(file):
    link = file.locator(".tools a:has-text('原始扫描'):visible")
    first = link.get_attribute("href")
    file.click(".strip a >> nth=1")
    expect(link).to_have_count(1)
    second = link.get_attribute("href")
    assert (
        second != first and file.locator(".strip a >> nth=1").get_attribute("data-page") in second
    )
    answer = file.request.get(second)
    assert answer.ok and answer.headers["content-type"].startswith("image/")


def test_words_are_found_anywhere_inside_the_file(file):
    file.fill("#find-here", "三连")
    file.press("#find-here", "Enter")
    expect(file.locator("[data-found-count]")).to_contain_text("1")
    expect(file.locator(".tree a", has=file.locator("mark"))).to_contain_text("干部履历表")
    expect(file.locator(".strip a >> nth=1")).to_have_attribute("aria-current", "page")
    expect(file.locator(".marks rect.hit")).to_have_count(1)
    expect(file.locator("[data-page-text] mark")).to_contain_text("三连")
    # The other material holds words that this one does not: the search goes there.
    file.fill("#find-here", "1936-04")
    file.press("#find-here", "Enter")
    expect(file.locator(".tree a[aria-current]")).to_contain_text("入党志愿书")
    expect(file.locator(".marks rect.hit")).to_have_count(1)


def test_the_ten_classes_the_lack_and_the_score(file):
    expect(file.locator(".tree > .cat")).to_have_count(10)
    expect(file.locator("section[aria-labelledby=t-missing] .score")).to_be_visible()
    expect(file.locator("section[aria-labelledby=t-missing]")).to_contain_text("自传")


def test_place_and_description_are_changed_and_said(file):
    file.fill("#room", "3")
    file.fill("#box", "07")
    file.click("text=记下位置")
    expect(file.locator("#notices")).to_contain_text("存放位置已记下")
    expect(file.locator(".cover")).to_contain_text("07 盒")
    file.fill("#d-note", "封面缺角")
    expect(file.locator("#describe [data-count]")).to_have_text("1")
    file.click("text=保存著录")
    expect(file.locator("#notices")).to_contain_text("著录已保存")
    assert file.input_value("#d-note") == "封面缺角"


def test_a_material_that_is_on_paper_only_says_so(visit, house):
    page = visit("zhoumin")
    page.goto(f"/people/{house['on_paper']}/")
    expect(page.locator("#viewer")).to_contain_text("这份材料还没扫描，纸件 4 页")
    expect(page.locator("#viewer")).to_contain_text("3 库 12 架 04 层 07 盒")
    expect(page.locator(".tree")).to_contain_text("还没扫描")


def test_the_file_is_read_without_script(visit, house):
    page = visit("zhoumin", script=False)
    page.goto(f"/people/{house['person']}/")
    assert page.locator("[data-stage] img").evaluate("(image) => image.naturalWidth") > 0
    page.fill("#find-here", "三连")
    page.press("#find-here", "Enter")
    expect(page.locator("[data-found-count]")).to_contain_text("1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("林长河", "林长河"),
        ("lch", "林长河"),
        ("linchanghe", "林长河"),
        ("林長河", "林长河"),
        ("hlt", "贺兰亭"),
        ("00001", "林长河"),
    ],
)
def test_people_are_found_by_every_spelling(visit, asked, found):
    page = visit("zhoumin")
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(asked)
    page.keyboard.press("Enter")
    expect(page.locator("section[aria-labelledby=t-people]")).to_contain_text(found)


def test_a_hit_is_drawn_on_the_page_and_leads_there(visit, house):
    page = visit("zhoumin")
    page.goto("/search/?q=三连战士")
    hit = page.locator(".hits > li").first
    expect(hit.locator("mark")).to_have_text("三连战士")
    expect(hit.locator("svg.crop rect.hit")).to_have_count(1)
    hit.locator("a").first.click()
    expect(page.locator(".marks rect.hit")).to_have_count(1)
    assert house["person"] in page.url


def test_facets_narrow_and_are_taken_back(visit):
    page = visit("zhoumin")
    page.goto("/search/?q=1936-04")
    year = page.locator(".facet", has_text="年份").locator("a", has_text="1959")
    count = int(year.locator(".n").inner_text())
    year.click()
    expect(page.locator(".facet a[aria-current]")).to_contain_text("1959")
    expect(page.locator(".hits > li")).to_have_count(count)
    page.click("text=取消筛选")
    assert "year=" not in page.url


def test_nothing_found_says_what_to_try(visit):
    page = visit("zhoumin")
    page.goto("/search/?q=没有这样的词")
    expect(page.locator(".empty")).to_contain_text("换成拼音首字母")
