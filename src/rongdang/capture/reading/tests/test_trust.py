"""What is shown as sure: only what nothing speaks against."""

import pytest

from rongdang.capture.reading.tests.papers import Paper, form
from rongdang.capture.reading.understand import understand

SURE = 0.9  # from here on the desk shows a value as 可信


def material(layer):
    return understand([layer]).materials[0]


def field(label, written, name, doubt=None):
    paper = (
        Paper().title("干部履历表").table([["姓名", "林长河", label, written]], 0.2, doubt=doubt)
    )
    return material(paper.layer()).fields[name]


@pytest.mark.parametrize(
    "label,written,name,sure",
    [
        ("任职时间", "1987年8月1日", "任职日期", True),
        ("任职时间", "1987年8月日", "任职日期", False),  # the day was not read
        ("入党时间", "1951年月3日", "入党日期", False),
        ("任职时间", "1987.8.1", "任职日期", True),
        ("任职时间", "1987.8.", "任职日期", False),
        ("血型", "AB型", "血型", True),
        ("血型", "B型", "血型", False),  # half of AB looks the same
        ("家庭出身", "小商", "家庭出身", True),
        ("家庭出身", "小高", "家庭出身", False),
        ("健康状况", "良奸", "健康状况", False),
    ],
)
def test_a_value_that_lacks_a_part_or_that_nobody_writes_there_is_not_sure(
    label, written, name, sure
):
    assert (field(label, written, name).confidence >= SURE) is sure


def test_what_names_neither_post_nor_unit_is_asked_about():
    assert field("部职别", "某部三连", "部职别", {}).confidence >= SURE
    assert field("部职别", "某教导队文书", "部职别", {}).confidence >= SURE
    for cut in ("某教导队文", "某军分区服长"):
        assert field("部职别", cut, "部职别", {}).confidence < SURE


def test_one_doubtful_character_is_borne_out_by_a_closed_list_only():
    assert field("文化程度", "初中", "文化程度", {"初": 0.9}).confidence >= SURE
    assert field("文化程度", "初中", "文化程度", {"初": 0.6}).confidence < SURE
    assert field("部职别", "某部三连", "部职别", {"连": 0.97}).confidence >= SURE
    assert field("部职别", "某部三连", "部职别", {"连": 0.9}).confidence < SURE


def test_words_close_behind_a_label_are_not_sure_but_a_date_is():
    rows = ["民族汉族籍贯青岚省石塘县", "入党时间1951年3月12日文化程度初中", "姓名林长河性别男"]
    paper = Paper().title("干部履历表")
    for number, row in enumerate(rows):
        paper.write(row, 0.12, 0.2 + 0.03 * number)
    found = material(paper.layer()).fields
    assert found["籍贯"].value == "青岚省石塘县" and found["籍贯"].confidence < SURE
    assert found["入党日期"].confidence >= SURE and found["文化程度"].confidence >= SURE


@pytest.mark.parametrize(
    "label,written,name,sure",
    [
        ("家庭住址", "云岭区松风路7号", "现住址", True),
        ("家庭住址", "云岭区松风路号", "现住址", False),  # its figure was not read
        ("享受待遇", "副师职待遇", "享受待遇", True),
        ("享受待遇", "副师职", "享受待遇", False),
        ("工资级别", "行政二十级", "工资级别", True),
        ("工资级别", "行政二十", "工资级别", False),
        ("籍贯", "青岚省石塘县", "籍贯", True),
        ("籍贯", "青岚省石塘中", "籍贯", False),
        ("出生年月", "1933年5月", "出生日期", True),
        ("出生年月", "1933年五周十五日", "出生日期", False),  # 月 was misread
        ("文化程度", "大学专科", "文化程度", True),  # one value, though two printed words
    ],
)
def test_a_value_not_written_as_its_field_is_written_is_not_sure(label, written, name, sure):
    assert (field(label, written, name).confidence >= SURE) is sure


def test_words_between_which_one_was_passed_over_are_not_sure():
    def read(written):
        paper = Paper().title("干部履历表")
        layer = paper.table([["姓名", "林长河", "部职别", written]], 0.2).layer()
        return material(layer).fields["部职别"]

    assert read("某部通信连排长").confidence >= SURE
    hole = read("某部　　通信连排长")
    assert hole.confidence < SURE and hole.reason_en.startswith("a wide space")


def test_another_label_with_its_value_is_no_value():
    paper = Paper().title("干部履历表")
    paper.write("曾用名：", 0.12, 0.2).write("族别：汉", 0.12, 0.23)
    found = material(paper.layer()).fields
    assert "曾用名" not in found and found["民族"].value == "汉族"


@pytest.mark.parametrize("figure,sure", [(0.97, True), (0.955, False)])
def test_what_no_list_bears_out_is_asked_about_at_a_smaller_doubt(figure, sure):
    assert (field("现任职务", "副连长", "职务", {"连": figure}).confidence >= SURE) is sure
    assert field("政治面貌", "中共党员", "政治面貌", {"员": figure}).confidence >= SURE


def signed(day="1962年3月5日", doubt=None):
    paper = Paper().title("干部履历表").table([["姓名", "林长河", "性别", "男"]], 0.15)
    return paper.write("填表人签名：林长河", 0.5, 0.5).write(day, 0.6, 0.54, doubt=doubt)


def test_one_doubtful_figure_is_enough_to_ask_for_the_date_of_formation():
    assert material(signed().layer()).confidence["date"] >= SURE
    for figure in (0.5, 0.93, 0.95):  # no list bears a date of signing out
        found = material(signed(doubt={"3": figure}).layer())
        assert found.confidence["date"] < SURE and "3" in found.reasons["date"][0]
    assert material(signed(doubt={"3": 0.97}).layer()).confidence["date"] >= SURE


def test_a_seal_without_a_date_below_the_last_date_may_hide_a_later_one():
    with_date = signed().seal((0.55, 0.5, 0.75, 0.6)).layer()
    assert material(with_date).confidence["date"] >= SURE
    hidden = signed().seal((0.55, 0.8, 0.75, 0.9)).layer()
    assert material(hidden).confidence["date"] < SURE


def test_a_title_is_as_sure_as_the_letters_no_list_bears_out():
    def sure(text, doubt=None):
        paper = Paper().write(text, 0.3, 0.08, size=0.022, doubt=doubt)
        paper.table([["姓名", "林长河", "性别", "男"]], 0.2)
        return material(paper.layer()).confidence["title"]

    assert sure("干部履历表", {"履": 0.5}) >= SURE
    assert sure("石塘县干部履历表", {"塘": 0.5}) < sure("石塘县干部履历表")
    assert sure("干部覆历衣") < SURE


def test_the_same_form_read_well_is_sure_throughout():
    found = material(form("干部履历表"))
    assert min(one.confidence for one in found.fields.values()) >= SURE
    assert min(found.confidence[part] for part in ("title", "category", "date")) >= SURE


def test_a_later_date_that_lost_its_year_makes_the_one_before_it_doubtful():
    later = signed().write("九年七月十五日", 0.6, 0.8).layer()
    found = material(later)
    assert found.date == "1962-03-05" and found.confidence["date"] < SURE


def test_two_materials_that_say_different_things_are_both_asked_about():
    def told(title, place, doubt=None):
        rows = [["姓名", "林长河", "性别", "男"], ["出生年月", "1932年5月", "籍贯", place]]
        return Paper().title(title).table(rows, 0.15, doubt=doubt).layer()

    def places(second, doubt=None):
        layers = [told("干部履历表", "云泽省梨园县"), told("立功登记表", second, doubt)]
        return [one.fields["籍贯"].confidence for one in understand(layers).materials]

    alike, apart = places("云泽省梨园县"), places("云泽省乐园县")
    assert len(alike) == 2 and min(alike) >= SURE
    assert len(apart) == 2 and max(apart) < SURE
    one, other = places("云泽省乐园县", {"乐": 0.97})
    assert one >= SURE > other
