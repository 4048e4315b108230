"""Stacks of hand-made pages: materials, titles, classes, dates, persons."""

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.reading.tests.papers import SIZE, Paper, form
from rongdang.capture.reading.understand import understand


def only(layer, **options):
    materials = understand([layer], **options).materials
    assert len(materials) == 1
    return materials[0]


def letter(
    title="",
    *,
    text="我于一九四九年六月参加革命，历任战士、班长。",
    signed="1953年7月12日",
    name="林长河",
):
    paper = Paper()
    if title:
        paper.title(title)
    paper.paragraph(text * 4, 0.2).write(name, 0.62, 0.6).write(signed, 0.62, 0.63)
    return paper.layer()


def order(name="林长河", day="一九五五年三月二日"):
    paper = (
        Paper()
        .title("中国人民解放军某部政治部", 0.06, size=0.03)
        .write("〔1955〕政干字第12号", 0.4, 0.14)
    )
    paper.title(f"关于任命{name}同志职务的命令", 0.2)
    return paper.paragraph(f"任命{name}同志为二连副连长。", 0.3).write(day, 0.6, 0.5).layer()


def test_a_stack_becomes_its_materials_in_order():
    career = Paper().write("主要经历", 0.42, 0.08).paragraph("一九四九年任战士。" * 6, 0.15).layer()
    stack = understand(
        [
            form("干部履历表"),
            career,
            None,
            letter("自传"),
            order(),
            form("立功登记表", signed="1953年8月1日"),
        ]
    )
    told = [(m.pages, m.title, m.category, m.date, m.person) for m in stack.materials]
    assert told == [
        ((0, 1, 2), "干部履历表", "1", "1962-03-05", "林长河"),
        ((3,), "自传", "2", "1953-07-12", "林长河"),
        ((4,), "关于任命林长河同志职务的命令", "9-2", "1955-03-02", "林长河"),
        ((5,), "立功登记表", "7", "1953-08-01", "林长河"),
    ]
    assert stack.persons == ("林长河", None, None, "林长河", "林长河", "林长河")
    assert all(
        0 < m.confidence[part] < 1
        for m in stack.materials
        for part in ("title", "category", "date", "boundary")
    )


def test_blank_pages_in_front_belong_to_the_first_material_and_no_page_is_lost():
    stack = understand([None, form("干部履历表"), None, None, letter("自传"), None])
    assert [m.pages for m in stack.materials] == [(0, 1, 2, 3), (4, 5)]


def test_a_page_without_words_stays_in_a_material_and_is_given_no_class():
    empty = Paper().layer()
    material = only(empty)
    assert material.pages == (0,) and material.category is None and material.title_source == "made"
    assert [m.pages for m in understand([form("干部履历表"), empty]).materials] == [(0, 1)]
    assert understand([None, None]).materials == ()


@pytest.mark.parametrize(
    "written,title,category",
    [
        ("干 部 履 历 表", "干部履历表", "1"),
        ("干部任兔审批表", "干部任免审批表", "9-2"),
        ("入党志愿书", "入党志愿书", "6"),
        ("关于更改出生日期的批复", "关于更改出生日期的批复", "5"),
        ("伤残评定表（复印件）", "伤残评定表（复印件）", "10"),
    ],
)
def test_titles_are_read_through_blanks_and_a_misread_character(written, title, category):
    material = only(form(written))
    assert (material.title, material.category, material.title_source) == (title, category, "page")
    assert material.confidence["title"] > 0.9


def test_a_title_of_two_lines_is_joined_and_the_issuer_above_it_left_out():
    two = (
        Paper()
        .title("更改参加革命工作", 0.08)
        .title("时间审批表", 0.105)
        .table([["姓名", "林长河"]], 0.2)
        .layer()
    )
    assert only(two).title == "更改参加革命工作时间审批表"
    issued = (
        Paper()
        .title("某某军区政治部", 0.08)
        .title("任职命令", 0.11)
        .paragraph("任命。", 0.3)
        .layer()
    )
    assert only(issued).title == "任职命令"
    whole = (
        Paper()
        .title("中国人民解放军", 0.08)
        .title("军官登记表", 0.105)
        .table([["姓名", "林长河"]], 0.2)
        .layer()
    )
    assert only(whole).title == "中国人民解放军军官登记表"
    alias = Paper().title("报考大学", 0.08).title("登记表", 0.105).table([["姓名", "林长河"]], 0.2)
    assert only(alias.layer()).title == "报考大学登记表"


def test_a_vertical_title_is_the_first_column_from_the_right():
    paper = Paper().column("歷史自傳", 0.9, 0.1, size=0.025)
    for n in range(8):
        paper.column("我生于一九三二年五月家中六口人", 0.8 - 0.08 * n, 0.1, size=0.016)
    material = only(paper.layer())
    assert material.title == "历史自传" and material.category == "2"


def test_headings_of_parts_of_a_form_are_no_titles():
    part = (
        Paper()
        .title("家庭主要成员", 0.06, size=0.018)
        .table([["称谓", "姓名", "年龄", "职业"], ["父", "林大山", "60", "农民"]], 0.12)
        .layer()
    )
    stack = understand([form("干部履历表"), part])
    assert len(stack.materials) == 1 and stack.materials[0].person == "林长河"
    assert stack.materials[0].fields["家庭成员"].value == "父林大山60农民"
    praise = (
        Paper()
        .title("奖惩情况", 0.06, size=0.03)
        .table([["何时", "何种奖励"], ["1955年", "三等功"]], 0.12)
        .layer()
    )
    assert len(understand([form("干部履历表"), praise]).materials) == 1


def test_a_material_without_title_gets_one_made_from_its_class():
    text = "介绍人李大同。我自愿加入中国共产党，拥护党的纲领，支部大会同意接收为预备党员。"
    material = only(letter(text=text))
    assert (material.title, material.title_source, material.category) == ("党团材料", "made", "6")
    assert material.confidence["title"] < 0.5 and material.reasons["title"][0]


def test_the_class_is_given_in_the_scheme_asked_for():
    audit = form("经济责任审计结果报告")
    assert (only(audit).category, only(audit, scheme="2012").category) == ("5", "3")
    with pytest.raises(DomainError):
        understand([audit], scheme="1991")


def test_a_title_the_list_does_not_know_is_classed_but_never_called_sure():
    material = only(form("炮兵某师功臣模范事迹登记簿"))
    assert material.category == "7" and material.confidence["category"] < 0.9
    assert material.reasons["category"][1]


def test_a_heading_in_no_list_begins_a_material_though_it_is_hardly_larger_than_the_form():
    second = Paper().title("中国人民解放军", 0.05, size=SIZE)
    second.title("装备器材交接清册", 0.08, size=SIZE * 1.05)
    second.table([["姓名", "林长河", "性别", "男"], ["民族", "汉", "籍贯", "黑岭省"]], 0.13)
    stack = understand([form("干部履历表"), second.layer()])
    assert [m.title for m in stack.materials] == ["干部履历表", "装备器材交接清册"]
    goes_on = Paper().paragraph("装备器材交接清册" + "由本人保管" * 30, 0.06)
    assert len(understand([form("干部履历表"), goes_on.layer()]).materials) == 1


def test_a_title_one_sure_character_from_a_listed_one_stays_what_it_says():
    material = only(form("入塔志愿书"))
    assert material.title == "入塔志愿书" and material.confidence["category"] < 0.9
    doubted = Paper().write("入塔志愿书", 0.33, 0.08, size=0.022, doubt={"塔": 0.5})
    assert only(doubted.paragraph("我志愿加入" * 20, 0.2).layer()).title == "入党志愿书"


def test_printed_page_numbers_hold_a_form_together_and_begin_a_new_one():
    def numbered(title, number, total):
        paper = Paper()
        if title:
            paper.title(title)
        paper.table([["籍贯", "黑岭省"], ["备注", "无"]], 0.2).write(
            f"第{number}页 共{total}页", 0.45, 0.95
        )
        return paper.layer()

    stack = understand(
        [numbered("登记表", 1, 2), numbered("登记表", 2, 2), numbered("", 1, 2), numbered("", 2, 2)]
    )
    assert [m.pages for m in stack.materials] == [(0, 1), (2, 3)]


def test_a_cover_and_the_form_under_it_are_one_material():
    cover = Paper().title("干部履历表", 0.3, size=0.035).write("姓名 林长河", 0.35, 0.5).layer()
    assert [m.pages for m in understand([cover, form("干部履历表")]).materials] == [(0, 1)]


def test_two_forms_of_one_title_for_two_people_are_two_materials():
    stack = understand([form("立功登记表"), form("立功登记表", name="秦大川")])
    assert [m.person for m in stack.materials] == ["林长河", "秦大川"]


def test_a_page_that_says_it_goes_on_does():
    more = (
        Paper()
        .write("（续页）", 0.1, 0.05)
        .title("自传", 0.1)
        .paragraph("以后任班长。", 0.2)
        .layer()
    )
    assert [m.pages for m in understand([letter("自传"), more]).materials] == [(0, 1)]


def test_a_name_misread_on_one_page_is_put_right_by_the_others():
    stack = understand(
        [
            form("干部履历表", name="王长河"),
            form("立功登记表", name="王长河"),
            form("奖励登记表", name="玉长河"),
        ]
    )
    assert set(stack.persons) == {"王长河"}
    name = stack.materials[2].fields["姓名"]
    assert (
        (name.value, name.original) == ("王长河", "玉长河")
        and name.confidence < 0.9
        and name.reason_en
    )


def test_two_names_one_character_apart_are_one_person_only_by_their_birth():
    def born(name, year):
        paper = Paper().title("登记表").table([["姓名", name], ["出生年月", f"{year}年5月"]], 0.2)
        return paper.layer()

    same = understand([born("林长河", 1932), born("林长河", 1932), born("林长江", 1932)])
    assert set(same.persons) == {"林长河"}
    brothers = understand([born("林长河", 1932), born("林长河", 1932), born("林长江", 1935)])
    assert brothers.persons[2] == "林长江" and brothers.materials[-1].person == "林长江"


def test_a_letter_behind_a_signed_page_is_a_material_of_its_own():
    reply = (
        Paper()
        .write("第三团：", 0.1, 0.08)
        .paragraph("来函收悉，同意更正出生日期。", 0.15)
        .write("1960年1月2日", 0.6, 0.3)
        .layer()
    )
    assert [m.pages for m in understand([letter("自传"), reply]).materials] == [(0,), (1,)]


def test_a_red_head_begins_a_material_even_behind_a_page_that_has_not_ended():
    open_end = Paper().title("自传").paragraph("我在连队任班长，" * 90, 0.15).layer()
    head = (
        Paper().write("〔1982〕政干字第86号", 0.4, 0.06).paragraph("同意更正，" * 90, 0.15).layer()
    )
    assert [m.pages for m in understand([open_end, head]).materials] == [(0,), (1,)]
    more = Paper().paragraph("以后任排长，" * 90, 0.1).layer()
    assert [m.pages for m in understand([open_end, more]).materials] == [(0, 1)]


def test_a_red_head_begins_a_material_and_a_year_lost_is_taken_from_the_form():
    head = (
        Paper()
        .title("某部组织科文件", 0.05, size=0.04)
        .write("〔1982〕政干字第86号", 0.4, 0.12)
        .paragraph("同意。", 0.3)
        .write("1982年7月12日", 0.6, 0.4)
        .layer()
    )
    first = form(
        "鉴定表", signed="", foot=["支部意见：同意。1963年9月8日", "党委意见：同意。 年9月22日"]
    )
    stack = understand([first, head])
    assert [(m.pages, m.date) for m in stack.materials] == [
        ((0,), "1963-09-22"),
        ((1,), "1982-07-12"),
    ]
    assert (
        stack.materials[0].confidence["date"] < 0.6
        and stack.materials[0].reasons["date"][0] == "日期没有读全"
    )


@pytest.mark.parametrize("text", ["此件与原件相符", "复印件", "抄件"])
def test_a_copy_is_known_by_its_mark(text):
    paper = Paper().title("处分决定").paragraph("经研究决定。", 0.3).write(text, 0.6, 0.85)
    assert only(paper.layer()).copy and not only(form("处分决定")).copy


@pytest.mark.parametrize(
    "foot,date",
    [
        (["1953年7月12日"], "1953-07-12"),
        (["支部意见：同意。一九五三年七月十二日", "上级党委意见：批准。一九五三年八月"], "1953-08"),
        (["批准机关盖章 1985年12月3日", "1988年1月印制"], "1985-12-03"),
        (["一九五三年"], "1953"),
        (["我于1956年入党，1958年任排长，此后一直在部队工作。"], None),
        (["档案移交日期以1990年12月31日止"], None),
        (["年  月  日"], None),
        (["有效期 1990年5月1日"], None),
    ],
)
def test_the_formation_date_is_that_of_the_last_signature(foot, date):
    assert only(form("鉴定表", signed="", foot=foot)).date == date


def test_two_far_signing_dates_make_the_date_less_sure():
    near = only(form("鉴定表", signed="", foot=["盖章 1953年7月1日", "盖章 1953年8月1日"]))
    far = only(form("鉴定表", signed="", foot=["盖章 1953年7月1日", "盖章 1983年8月1日"]))
    assert far.confidence["date"] < 0.8 < near.confidence["date"] and far.reasons["date"]


def test_size_is_judged_against_the_page_and_not_the_sheet():
    small = (
        Paper()
        .title("任职命令", 0.1, size=SIZE * 1.6)
        .paragraph("任命林长河同志为营长。" * 20, 0.2)
        .layer()
    )
    assert only(small).title == "任职命令"


def test_a_title_at_the_left_over_its_form_is_found_under_its_unit():
    paper = Paper().write("华东某军后勤部", 0.1, 0.05).write("干部简历片", 0.1, 0.08, size=0.0155)
    rows = [["姓名", "林长河", "性别", "男"], ["籍贯", "黑岭省", "成份", "中农"]]
    paper.table(rows, 0.11).paragraph("一九四八年十月参加革命，" * 12, 0.3)
    assert (only(paper.layer()).title, only(paper.layer()).category) == ("干部简历片", "1")


def test_a_cover_goes_with_the_form_that_bears_no_title():
    cover = Paper().title("干部履历书", 0.3, size=0.035).write("姓名 林长河", 0.35, 0.5)
    cover.write("一九六三年五月填", 0.35, 0.6)
    rows = [["姓名", "林长河"], ["出生年月", "1932年5月"]]
    inside = Paper().table(rows, 0.1).layer()
    assert [m.pages for m in understand([cover.layer(), inside]).materials] == [(0, 1)]


def test_a_page_that_begins_with_a_part_of_a_form_goes_on():
    decided = Paper().write("支部大会决议", 0.1, 0.06).paragraph("支部大会同意接收。" * 6, 0.1)
    decided.write("支部书记：王静 1956年7月10日", 0.5, 0.3)
    stack = understand([form("入党志愿书"), decided.layer()])
    assert [m.pages for m in stack.materials] == [(0, 1)]


def test_two_signed_letters_without_title_are_two_materials():
    plain = letter(text="该同志工作积极，作风正派。", signed="1955年12月25日")
    assert [m.pages for m in understand([letter(), plain]).materials] == [(0,), (1,)]


def test_a_date_in_a_cell_of_its_own_beside_an_opinion_is_a_signing():
    rows = [
        ["姓名", "林长河", "出生年月", "1964年2月"],
        ["单位意见", "同意。", "", "2019年3月20日"],
        ["审批机关", "某省民政厅", "", "2019年6月18日"],
    ]
    paper = Paper().title("安置去向申报表").table(rows, 0.15)
    assert only(paper.layer()).date == "2019-06-18"


def test_others_named_with_a_person_are_no_part_of_his_name():
    head = Paper().title("关于接收林长河等同志的复函").paragraph("经研究，同意接收。" * 8, 0.3)
    assert only(head.layer()).person == "林长河"


def test_a_date_in_a_table_of_the_career_is_no_signing():
    paper = Paper().title("离职休养呈批表")
    paper.table([["起止年月", "单位职务", "证明人"], ["1969.5", "某部二营", "钱河文"]], 0.15)
    assert only(paper.layer()).date is None
    paper.write("填表人签名：林长河", 0.5, 0.8).write("1961年5月7日", 0.6, 0.84)
    assert only(paper.layer()).date == "1961-05-07"
