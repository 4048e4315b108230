"""A clerk brings an old table in: hands it over, maps it, tries it, imports it, mends what came back, undoes."""

import csv
import io
import re

from playwright.sync_api import expect

HEAD = ["RYBH", "XM", "XB", "CSRQ", "SFZH", "GX"]
ROWS = [
    ["H001", "温长春", "1", "1934.5", "990101193405120014", "群众"],
    ["H002", "", "2", "1936.7", "", "党员"],
    ["H003", "申屠明", "1", "1938.1", "99010119380101003X", "团员"],
    ["合计", "", "", "", "", "3"],
]


def table(rows, name="关系.csv", head=HEAD, encoding="gb18030"):
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    return {"name": name, "mimeType": "text/csv", "buffer": text.getvalue().encode(encoding)}


def test_a_table_is_mapped_tried_imported_mended_and_taken_back(visit, tmp_path):
    page = visit("zhoumin")
    page.goto("/sources/")
    page.click("text=添加来源")
    page.fill("#name", "医院关系")
    page.set_input_files("#files", table(ROWS))
    page.click("form[enctype] button.go")
    # The machine looks at it, and the page comes by itself.
    expect(page.locator("#columns > li")).to_have_count(6, timeout=90000)
    expect(page.locator("#use-1")).to_have_value("姓名")
    expect(page.locator("#why-1")).to_contain_text("XM")
    expect(page.locator("#preview")).to_contain_text("退回 1")
    # Another choice for the last column: by keyboard, with the rows beside it turning at once.
    page.locator("#use-5").select_option("政治面貌")
    expect(page.locator("#preview")).to_contain_text("政治面貌")
    expect(page.locator("#col-5")).to_contain_text("种取值各是什么")
    page.fill("#words", "浏览器里对的")
    page.locator("#words").press("Enter")
    page.wait_for_url(re.compile("/sources/runs/"))
    expect(page.locator("#live")).to_have_attribute("data-live", "done", timeout=90000)
    expect(page.locator("#live")).to_contain_text("试读，没有写入")
    expect(page.locator("#live")).to_contain_text("没有姓名，也没有身份号码")
    page.click("text=就这样导入")
    expect(page.locator("#live .tag.ok").first).to_contain_text("已导入", timeout=90000)
    with page.expect_download() as told:
        page.click("text=CSV")
    lines = list(csv.reader(io.StringIO(told.value.path().read_text("utf-8-sig"))))
    lines[1][1] = "欧阳静"
    page.click(".crumb a")
    page.set_input_files("#files", table(lines[1:], "改好.csv", lines[0], "utf-8"))
    page.check("#part")
    page.click("form[enctype] button")
    expect(page.locator("#columns > li")).to_have_count(6, timeout=90000)
    page.click("text=存下，试读一遍")
    expect(page.locator("#live")).to_have_attribute("data-live", "done", timeout=90000)
    page.click("text=就这样导入")
    expect(page.locator("#live .tag.ok").first).to_contain_text("已导入", timeout=90000)
    page.goto("/people/?q=欧阳静")
    page.go_back()
    page.click("text=撤销这次导入")
    expect(page.locator("main")).to_contain_text("这次新说的 1 行不再算数")
    page.click("button.danger")
    expect(page.locator("#live")).to_contain_text("和导入前一样", timeout=90000)


def test_without_script_the_table_is_mapped_too(visit, house):
    page = visit("zhoumin", script=False)
    page.goto(f"/sources/mapping/{house['delivery']}/")
    page.locator("#use-6").select_option("健康状况")
    page.click("text=看看效果")
    expect(page.locator("#use-6")).to_have_value("健康状况")
    expect(page.locator("#preview")).to_contain_text("住院")


def test_choices_that_cannot_be_are_told_where_they_are_made(visit, house):
    page = visit("zhoumin")
    page.goto(f"/sources/mapping/{house['delivery']}/")
    page.locator("#use-1").select_option("")
    page.locator("#use-4").select_option("")
    expect(page.locator("#preview .wrong")).to_contain_text("没有一列是姓名或身份号码")
