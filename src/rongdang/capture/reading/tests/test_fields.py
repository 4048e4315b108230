"""Values of forms, whichever way they are laid out."""

import pytest

from rongdang.base.vocab.ids import check_digit
from rongdang.capture.reading.tests.papers import Paper
from rongdang.capture.reading.understand import understand


def fields(paper):
    return understand([paper.layer()]).materials[0].fields


def value(paper, name):
    found = fields(paper).get(name)
    return found.value if found else None


def titled():
    return Paper().title("干部履历表")


ID17 = "99010119320512001"
ID = ID17 + check_digit(ID17)


@pytest.mark.parametrize(
    "label,written,name,kept",
    [
        ("姓名", "林长河", "姓名", "林长河"),
        ("姓 名", "欧阳长河", "姓名", "欧阳长河"),
        ("性别", "男", "性别", "男"),
        ("民族", "汉", "民族", "汉族"),
        ("出生年月", "一九三二年五月", "出生日期", "1932-05"),
        ("生年月日", "1932.5.12", "出生日期", "1932-05-12"),
        ("何时何地入伍", "1949年6月于梧桐县", "入伍日期", "1949-06"),
        ("参加革命时间", "49年6月", "参加工作日期", "1949-06"),
        ("入党时间", "一九五一年", "入党日期", "1951"),
        ("原籍", "黑岭省梧桐县", "籍贯", "黑岭省梧桐县"),
        ("家庭出身", "中农", "家庭出身", "中农"),
        ("本人成份", "学生", "本人成分", "学生"),
        ("文化程度", "初中", "文化程度", "初中"),
        ("职别", "副连长", "职务", "副连长"),
        ("政治面貌", "党员", "政治面貌", "中共党员"),
        ("军衔", "少校", "军衔", "少校"),
        ("残废等级", "二等乙级", "残疾等级", "二等乙级"),
        ("身份证号码", ID, "公民身份号码", ID),
        ("立功等级", "三等功", "奖励", "三等功"),
        ("入伍\n时间", "1949年\n6月", "入伍日期", "1949-06"),
    ],
)
def test_a_value_stands_right_of_its_label_in_a_ruled_form(label, written, name, kept):
    assert value(titled().table([[label, written], ["备注", ""]], 0.2), name) == kept


@pytest.mark.parametrize(
    "text,name,kept",
    [
        ("姓名：林长河 性别：男", "姓名", "林长河"),
        ("姓名：林长河性别：男", "性别", "男"),
        ("姓名   林长河   性别   女", "性别", "女"),
        ("出生年月（公历）：1932年5月", "出生日期", "1932-05"),
        ("入伍年月1949年6月", "入伍日期", "1949-06"),
        ("政治面貌群众", "政治面貌", "群众"),
        ("参加工作肘间：1949年6月", "参加工作日期", "1949-06"),
    ],
)
def test_a_value_stands_behind_its_label_in_a_line(text, name, kept):
    assert value(titled().write(text, 0.12, 0.2), name) == kept


def test_a_value_stands_below_its_label_in_a_head_row_and_on_an_unruled_page():
    ruled = titled().table([["姓名", "性别", "民族"], ["林长河", "男", "汉"]], 0.2)
    assert [value(ruled, name) for name in ("姓名", "性别", "民族")] == ["林长河", "男", "汉族"]
    free = (
        titled()
        .write("姓名", 0.1, 0.2)
        .write("籍贯", 0.4, 0.2)
        .write("林长河", 0.1, 0.225)
        .write("黑岭省", 0.4, 0.225)
    )
    assert value(free, "籍贯") == "黑岭省" and value(free, "姓名") == "林长河"


def test_words_of_running_text_are_no_labels():
    text = "我的姓名和籍贯他都知道，入党时有两人介绍，职务提升后文化程度有所提高。"
    assert fields(Paper().title("自传").paragraph(text, 0.2)) == {}
    assert fields(Paper().title("自传").write("关于我的籍贯   黑岭省的说法", 0.12, 0.2)) == {}


def test_the_rule_one_writes_on_is_no_part_of_a_value():
    assert value(titled().write("籍贯：__黑岭_省__", 0.12, 0.2), "籍贯") == "黑岭省"


def test_an_empty_value_is_no_value():
    found = fields(
        titled().table([["姓名", "林长河", "曾用名", ""], ["籍贯", "", "民族", "汉"]], 0.2)
    )
    assert set(found) == {"姓名", "民族"}


def test_the_name_of_a_spouse_is_not_the_name_of_the_file():
    paper = titled().table([["姓名", "林长河", "", ""], ["配偶", "姓名", "赵小兰", ""]], 0.2)
    assert value(paper, "姓名") == "林长河"
    assert value(titled().table([["配偶", "姓名", "赵小兰", "工人"]], 0.2), "姓名") is None


def test_a_table_of_many_rows_is_one_value_and_its_heads_are_no_labels():
    rows = [
        ["称谓", "姓名", "出生年月", "政治面貌"],
        ["妻", "赵小兰", "1934年", "群众"],
        ["子", "林小河", "1958年", "团员"],
    ]
    found = fields(titled().table([["姓名", "林长河", "民族", "汉"]], 0.15).table(rows, 0.3))
    assert found["家庭成员"].value == "妻赵小兰1934年群众；子林小河1958年团员"
    assert found["姓名"].value == "林长河" and "出生日期" not in found and "政治面貌" not in found


def test_a_ticked_box_or_a_circled_word_is_the_value():
    base = titled().table([["性别", "□男 □女"]], 0.2)
    box = base.cells[1].box
    middle = (box[1] + box[3]) / 2
    base.mark("男", (box[0] + 0.01, middle, box[0] + 0.02, middle), checked=False)
    base.mark("女", (box[0] + 0.05, middle, box[0] + 0.06, middle), checked=True)
    found = fields(base)["性别"]
    assert found.value == "女" and found.reason_zh == "由勾选判断"
    assert value(titled().table([["性别", "□男☑女"]], 0.2), "性别") == "女"


def test_nothing_ticked_is_no_value_and_two_ticks_are_not_sure():
    def boxes(*checked):
        paper = titled().table([["性别", "□男 □女"]], 0.2)
        x, y = paper.cells[1].box[0] + 0.02, paper.cells[1].box[1] + 0.01
        for n, (word, on) in enumerate(zip("男女", checked, strict=True)):
            paper.mark(word, (x + n * 0.05, y, x + n * 0.05, y), checked=on)
        return paper

    assert "性别" not in fields(boxes(False, False))
    assert fields(boxes(True, True))["性别"].confidence <= 0.5


def test_confidence_falls_with_a_doubtful_character_and_says_which():
    sure = fields(titled().table([["姓名", "林长河"]], 0.2))["姓名"]
    doubt = fields(titled().table([["姓名", "林长河"]], 0.2, doubt={"河": 0.55}))["姓名"]
    assert sure.confidence >= 0.9 > doubt.confidence and doubt.reason_zh == "“河”字不清"
    pair = fields(titled().table([["出生年月", "1932年三月"]], 0.2, doubt={"三": 0.6}))["出生日期"]
    assert pair.reason_zh == "“三”字像“五”" and pair.reason_en


def test_confidence_falls_under_a_seal_behind_a_misread_label_and_off_the_closed_list():
    sealed = (
        titled().table([["姓名", ""]], 0.2).write("林长河", 0.52, 0.21, cell=1, under_seal=True)
    )
    assert fields(sealed)["姓名"].confidence < 0.95
    assert fields(sealed)["姓名"].reason_zh == "压在印章下"
    assert (
        fields(titled().table([["参加工作时同", "1949年6月"]], 0.2))["参加工作日期"].reason_zh
        == "标签有一字认错"
    )
    assert fields(titled().table([["军衔", "大佐"]], 0.2))["军衔"].confidence < 0.9


def test_the_id_number_settles_birth_and_sex_and_a_wrong_one_is_doubted():
    good = fields(
        titled().table([["公民身份号码", ID], ["出生年月", "1932年5月"], ["性别", "男"]], 0.2)
    )
    assert good["出生日期"].confidence > 0.98 and good["出生日期"].reason_zh == "与身份号码一致"
    odd = fields(
        titled().table([["公民身份号码", ID], ["出生年月", "1933年5月"], ["性别", "女"]], 0.2)
    )
    assert odd["出生日期"].confidence < 0.9 and odd["性别"].confidence < 0.9
    wrong = fields(
        titled().table([["公民身份号码", ID[:-1] + "0" if ID[-1] != "0" else ID[:-1] + "1"]], 0.2)
    )
    assert (
        wrong["公民身份号码"].confidence < 0.5 and wrong["公民身份号码"].reason_zh == "校验位不符"
    )


def test_a_date_behind_the_day_of_signature_is_doubted():
    paper = (
        titled()
        .table([["姓名", "林长河"], ["入党时间", "1971年7月"]], 0.2)
        .write("1962年3月5日", 0.6, 0.8)
    )
    assert fields(paper)["入党日期"].confidence < 0.9


def test_a_value_has_its_place_and_its_words_as_written():
    found = fields(titled().table([["出生年月", "一九三二年五月"]], 0.2))["出生日期"]
    assert found.original == "一九三二年五月" and found.page == 0
    assert 0.5 < found.box[0] < found.box[2] < 0.9 and 0.2 < found.box[1] < 0.235


def spread(paper, words, y, xs):
    for word, x in zip(words, xs, strict=True):
        paper.write(word, x, y)
    return paper


def test_a_table_without_rules_is_read_by_its_columns():
    xs = (0.12, 0.26, 0.42, 0.56)
    paper = titled().write("家庭主要成员：", 0.12, 0.2)
    for n, row in enumerate(
        [
            ("称谓", "姓名", "年龄", "工作单位"),
            ("妻", "赵小兰", "34", "梧桐县小学"),
            ("子", "林小河", "12", "学生"),
        ]
    ):
        spread(paper, row, 0.23 + n * 0.025, xs)
    paper.write("填表日期：1970年5月20日", 0.12, 0.5)
    found = fields(paper)
    assert found["家庭成员"].value == "妻赵小兰34梧桐县小学；子林小河12学生"
    assert found["家庭成员"].confidence < 0.9 and "姓名" not in found


def test_a_line_that_breaks_off_goes_on_in_the_same_row_of_an_unruled_table():
    xs = (0.12, 0.4, 0.7)
    paper = spread(titled(), ("起止年月", "在何单位", "任何职务"), 0.2, xs)
    spread(paper, ("1947年3月", "梧桐军分区后勤部运", "战士"), 0.225, xs)
    paper.write("输科", 0.4, 0.24)
    spread(paper, ("1953年5月", "云岭团", "排长"), 0.265, xs)
    rows = value(paper, "简历").split("；")
    assert rows == ["1947年3月梧桐军分区后勤部运战士输科", "1953年5月云岭团排长"]


def test_a_table_goes_on_without_a_head_at_the_top_of_the_next_page():
    head = ["称谓", "姓名", "年龄", "职业"]
    first = titled().table([["姓名", "林长河", "民族", "汉"]], 0.15)
    first.table([head, ["妻", "赵小兰", "34", "教员"]], 0.8)
    second = Paper().table([["子", "林小河", "12", "学生"], ["女", "林小云", "9", "学生"]], 0.1)
    other = Paper().table([["子", "林小河", "学生"]], 0.1, widths=[0.2, 0.2, 0.4])

    def family(*papers):
        material = understand([paper.layer() for paper in papers]).materials[0]
        return material.fields["家庭成员"].value

    assert family(first, second) == "妻赵小兰34教员；子林小河12学生；女林小云9学生"
    assert family(first, other) == "妻赵小兰34教员"


@pytest.mark.parametrize(
    "rows",
    [
        [["出生日期", "1937", "年", "6", "月", "21", "日"]],
        [["出生日期", "年", "月", "日"], ["", "1937", "6", "21"]],
    ],
)
def test_year_month_and_day_stand_in_cells_of_their_own(rows):
    widths = [0.8 / len(rows[0])] * len(rows[0])
    paper = titled().table(rows, 0.2, widths=widths)
    if len(rows) == 2:  # the label's cell is as high as both rows
        low, high = paper.cells[0], paper.cells[4]
        paper.cells[0] = low.__class__(
            0, 0, 0, 2, 1, (low.box[0], low.box[1], low.box[2], high.box[3])
        )
        del paper.cells[4]
        paper.lines = [line.__class__(**{**_slots(line), "cell": None}) for line in paper.lines]
    assert value(paper, "出生日期") == "1937-06-21"


def _slots(line):
    return {name: getattr(line, name) for name in line.__slots__}


def test_a_number_in_little_squares_is_one_value():
    rows = [["公民身份号码", *ID]]
    paper = titled().table(rows, 0.2, widths=[0.15, *[0.035] * 18])
    assert value(paper, "公民身份号码") == ID


def test_values_close_behind_labels_on_a_form_without_colons_or_gaps():
    paper = titled().write("姓名林长河性别男民族回族", 0.12, 0.2)
    paper.write("出生年月一九三三年二月籍贯黑岭省梧桐县", 0.12, 0.225)
    paper.write("健康状况一般", 0.12, 0.25)
    found = {name: reading.value for name, reading in fields(paper).items()}
    assert found == {
        "姓名": "林长河",
        "性别": "男",
        "民族": "回族",
        "出生日期": "1933-02",
        "籍贯": "黑岭省梧桐县",
        "健康状况": "一般",
    }
    assert "奖励" not in fields(Paper().title("奖励登记表"))


@pytest.mark.parametrize(
    "label,printed,name",
    [
        ("婚姻状况", "已婚 未婚 丧偶", "婚姻状况"),
        ("性别", "男 女", "性别"),
        ("血型", "A B O AB", "血型"),
        ("健康状况", "良好 一般 较差", "健康状况"),
        ("残废性质", "因战 因公 因病", "残疾性质"),
        ("安置方式", "就地、易地", "安置方式"),
    ],
)
def test_a_list_of_choices_whose_mark_was_not_seen_is_never_sure(label, printed, name):
    reading = fields(titled().table([[label, printed], ["备注", ""]], 0.2))[name]
    assert reading.confidence < 0.5 and reading.reason_zh == "印好的选项里没认出选了哪一项"


def test_words_struck_out_are_left_aside_and_the_value_is_not_sure():
    paper = titled().table([["职务", "排长副连长"], ["文化程度", "初中"]], 0.2)
    line = next(line for line in paper.lines if line.text == "排长副连长")
    paper.mark(
        "排长",
        (line.box[0], line.box[1], line.chars[1].box[2], line.box[3]),
        checked=False,
        kind="struck",
    )
    reading = fields(paper)["职务"]
    assert reading.value == "副连长" and reading.confidence < 0.9 and "划去" in reading.reason_zh


def test_words_that_only_seem_struck_out_are_read_and_asked_about():
    paper = titled().table([["部职别", "某部七连排长"], ["文化程度", "初中"]], 0.2)
    line = next(line for line in paper.lines if line.text == "某部七连排长")
    box = (line.chars[4].box[0], line.box[1], line.box[2], line.box[3])
    paper.mark("排长", box, checked=False, kind="struck", sure=0.5)
    reading = fields(paper)["部职别"]
    assert reading.value == "某部七连排长" and reading.confidence < 0.9
    assert "划去" in reading.reason_zh


def test_the_rest_of_a_label_of_two_rows_is_no_value():
    assert value(titled().write("曾用名（别", 0.1, 0.2), "曾用名") is None


def test_a_mark_beside_a_name_is_no_choice():
    paper = titled().table([["姓名", "林长河"], ["部职别", "某团三营"]], 0.2)
    x0, y0, x1, y1 = paper.cells[1].box
    paper.mark("男", (x0 + 0.2, y0 + 0.01, x0 + 0.21, y0 + 0.02), checked=True)
    assert value(paper, "姓名") == "林长河"


def test_a_value_whose_beginning_is_missing_is_not_sure():
    reading = fields(titled().table([["立功等级", "等功"], ["备注", ""]], 0.2))["奖励"]
    assert reading.confidence < 0.6 and reading.reason_zh == "开头像缺了字"
