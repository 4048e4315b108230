"""A clerk hands scans in: resumable with script, a plain form without; live states; pages scanned anew."""

import io
import re

from playwright.sync_api import expect

from tests.browser import drawn


def jpeg(word):
    """A page that no other test hands in."""
    data, _layer = drawn.page(word, [("姓名", word, 0.9)])
    return data + word.encode()


def files(*words):
    return [
        {"name": f"{word}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(word)} for word in words
    ]


def test_several_files_go_up_in_parts_and_their_pages_appear_by_themselves(visit):
    page = visit("zhoumin")
    page.goto("/batches/")
    page.click("text=新收一批")
    page.fill("#note", "浏览器里交的")
    page.set_input_files("#files", files("甲页", "乙页", "丙页"))
    expect(page.locator("p[data-picked]")).to_contain_text("3")
    page.check("#declared")
    page.click("form[data-upload] button.go")
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}/$"), timeout=30000)
    expect(page.locator(".uploads li")).to_have_count(3)
    # No reload: the page asks by itself until the worker has read everything.
    expect(page.locator(".scans li")).to_have_count(3, timeout=90000)
    expect(page.locator("#live")).to_have_attribute("data-live", "done", timeout=90000)
    expect(page.locator(".card header .tag").first).to_contain_text("等人核对")


def test_a_line_that_breaks_goes_on_where_it_stopped(visit):
    page = visit("zhoumin")
    page.watch.allow(503)
    broken = []

    def once(route):
        if route.request.method == "PATCH" and not broken:
            broken.append(route.request.url)
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route("**/batches/uploads/**", once)
    page.goto("/batches/new/")
    page.set_input_files("#files", files("断线页"))
    page.check("#declared")
    page.click("form[data-upload] button.go")
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}/$"), timeout=30000)
    assert broken
    expect(page.locator(".uploads li")).to_contain_text("断线页.jpg")


def test_the_plain_form_takes_several_files_without_script(visit):
    page = visit("zhoumin", script=False)
    page.goto("/batches/new/")
    page.set_input_files("#files", files("无脚本一", "无脚本二"))
    page.check("#declared")
    page.click("form[data-upload] button.go")
    expect(page.locator(".uploads li")).to_have_count(2)
    expect(page.locator(".uploads")).to_contain_text("无脚本二.jpg")


def test_without_the_declaration_nothing_is_opened(visit, house):
    page = visit("zhoumin")
    page.goto("/batches/new/")
    page.set_input_files("#files", files("未声明"))
    page.click("form[data-upload] button.go")
    assert page.evaluate("document.querySelector('#declared').validity.valueMissing")
    assert page.url.endswith("/batches/new/")


def test_an_empty_file_is_refused_in_words_and_the_rest_is_kept(visit):
    page = visit("zhoumin")
    page.goto("/batches/new/")
    page.set_input_files(
        "#files", [{"name": "空.pdf", "mimeType": "application/pdf", "buffer": b""}, *files("不空")]
    )
    page.check("#declared")
    page.click("form[data-upload] button.go")
    page.wait_for_url(re.compile(r"/batches/[0-9a-f-]{36}/$"), timeout=30000)
    row = page.locator(".uploads li", has_text="空.pdf")
    expect(row).to_contain_text("没有收下")
    expect(row).to_contain_text("文件是空的")


def test_the_reject_list_says_why_and_takes_the_new_scan(visit, house):
    page = visit("zhoumin")
    page.goto(f"/batches/{house['rescan']}/")
    row = page.locator("#rescans li", has_text="左边的字被切掉").first
    expect(row).to_be_visible()
    expect(page.locator("#rescans")).to_contain_text("图像坏了")
    row.locator("input[type=file]").set_input_files(files("重扫的")[0])
    row.locator("button", has_text="换上新扫的").click()
    expect(page.locator("#notices")).to_contain_text("新扫的一页收到了")


def test_of_a_page_stopped_as_secret_there_are_words_and_no_image(visit, house):
    page = visit("zhoumin")
    page.goto(f"/batches/{house['rescan']}/")
    stopped = page.locator(".scans li", has_text="疑似涉密")
    expect(stopped).to_contain_text("密级标志")
    assert stopped.locator("img").count() == 0
    officer = visit("anbao")
    officer.goto("/officers/secrets/")
    expect(officer.locator("main")).to_contain_text("密级标志")
    assert officer.locator("main img").count() == 0


def test_a_file_that_never_arrived_whole_can_be_given_up(visit, house):
    page = visit("zhoumin")
    page.goto(f"/batches/{house['receiving']}/")
    page.locator(".uploads li", has_text="没传完.pdf").locator("button").click()
    expect(page.locator(".uploads li", has_text="没传完.pdf")).to_contain_text("没有收下")
