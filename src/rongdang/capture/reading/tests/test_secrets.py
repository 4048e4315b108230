import pytest

from rongdang.capture.reading.secrets import secret_marks
from rongdang.capture.reading.tests.papers import Paper, form


def kind(paper):
    hit = secret_marks(paper.layer())
    return hit.kind if hit else None


@pytest.mark.parametrize(
    "text,level",
    [
        ("机密★10年", "机密"),
        ("绝密★长期", "绝密"),
        ("秘密★", "秘密"),
        ("秘密☆五年", "秘密"),
        ("机密*20年", "机密"),
        ("秘密10年", "秘密"),
        ("机密·六个月", "机密"),
        ("绝密★启用前", "绝密"),
    ],
)
def test_a_level_with_star_or_period_is_a_mark_wherever_it_stands(text, level):
    for x, y in ((0.7, 0.05), (0.1, 0.5)):
        assert kind(Paper().title("关于人员调配的通知").write(text, x, y)) == level


def test_a_bare_level_is_a_mark_in_a_corner_at_the_head_in_large_writing_and_inside_a_stamp():
    assert kind(Paper().write("秘密", 0.85, 0.04)) == "秘密"
    assert kind(Paper().write("机密", 0.05, 0.96)) == "机密"
    assert kind(Paper().paragraph("正文" * 60, 0.3).write("绝 密", 0.45, 0.1, size=0.03)) == "绝密"
    assert kind(Paper().write("秘密", 0.45, 0.5).seal((0.4, 0.45, 0.6, 0.56))) == "秘密"


@pytest.mark.parametrize(
    "text",
    [
        "一九四六年秘密加入组织，后任机要秘书。",
        "保守党和国家的秘密",
        "该同志长期从事机密工作，能严守秘密",
        "机密费用二十元，十年未报",
        "秘密入党",
        "秘密工作",
        "任机密档案员",
        "绝密文件由专人送达十年如一日",
        "邮编100812",
        "电话 12345",
        "工号012345",
        "三五零一部队政治部",
        "8341部队",
        "九三一部队",
        "部队代号不详",
        "一九五三年部队整编",
        "秘密十年如一日",
        "机密一年后解除",
        "三八三一二六部队",
        "电话3-12345部队医院",
        "编号112345部队",
    ],
)
def test_a_word_in_running_text_is_no_mark(text):
    for x, y in ((0.12, 0.3), (0.12, 0.06), (0.6, 0.9)):
        assert kind(Paper().title("自传").write(text, x, y)) is None


def test_a_bare_level_in_the_middle_of_a_page_or_in_a_cell_is_no_mark():
    assert kind(Paper().paragraph("正文" * 60, 0.2).write("秘密", 0.5, 0.5)) is None
    assert kind(Paper().paragraph("正文" * 60, 0.2).write("秘密", 0.45, 0.1)) is None
    assert kind(Paper().table([["入党方式", "秘密"]], 0.05)) is None
    assert kind(Paper().table([["姓名", "林长河", "入党方式", "秘密"]], 0.05)) is None


def test_a_form_that_asks_for_the_level_and_is_told_one_is_stopped():
    assert kind(Paper().table([["密级", "机密"]], 0.3)) == "机密"
    assert kind(Paper().table([["密级", "公开"]], 0.3)) is None
    assert kind(Paper().write("密级：秘密", 0.1, 0.3)) == "秘密"


@pytest.mark.parametrize(
    "text",
    [
        "绝密※长期",
        "机密（10年）",
        "机密文10年",
        "机蜜★10年",
        "机密★至2030年",
        "机密★本件用后收回",
        "密级：★机密",
        "密级（机密）",
        "保密等级：机密",
        "「机密」",
        "绝密！",
        "极机密",
        "内部机密",
        "特急 绝密",
        "機密 ★ 10 年",
        "絕 密",
    ],
)
def test_marks_in_other_writing_and_half_read_are_found(text):
    assert kind(Paper().paragraph("正文" * 60, 0.3).write(text, 0.75, 0.05))


def test_a_mark_is_found_when_its_two_characters_stand_apart():
    far = Paper().write("机", 0.75, 0.05, size=0.02).write("密", 0.85, 0.05, size=0.02)
    assert kind(far) == "机密"
    below = Paper().write("绝", 0.1, 0.05, size=0.02).write("密", 0.1, 0.08, size=0.02)
    assert kind(below) == "绝密"
    assert kind(Paper().column("秘密★十年", 0.9, 0.04)) == "秘密"


def test_a_printed_choice_of_levels_is_no_mark_until_one_is_ticked():
    choice = "密级：秘密□ 机密□ 绝密□"
    paper = Paper().write(choice, 0.1, 0.06).table([["密级", "秘密 机密 绝密"]], 0.3)
    assert kind(paper) is None
    ticked = paper.mark("机密", (0.3, 0.06, 0.32, 0.07), checked=True)
    assert kind(ticked) == "机密"


@pytest.mark.parametrize(
    "text", ["密级：无", "密级：内部", "密级：秘密以上", "密级：", "密级：非密"]
)
def test_a_level_that_says_none_is_no_mark(text):
    assert kind(Paper().write(text, 0.1, 0.05)) is None
    assert kind(Paper().table([text.split("：")], 0.3)) is None


def test_the_last_word_of_a_sentence_and_the_answer_to_a_label_are_no_marks():
    tail = Paper().write("秘密", 0.12, 0.05).paragraph("一九四六年入党后任文书" * 12, 0.07)
    assert kind(tail) is None
    assert kind(Paper().write("秘密", 0.12, 0.03).paragraph("正文" * 60, 0.2)) == "秘密"
    asked = Paper().write("入党方式", 0.55, 0.08).write("秘密", 0.8, 0.08)
    assert kind(asked) is None


def test_a_copy_number_counts_only_on_a_red_head_document():
    head = Paper().write("000123", 0.08, 0.04).title("关于人员任职的通知", 0.3)
    assert kind(head) is None
    assert kind(head.write("政干〔1988〕12号", 0.4, 0.2)) == "份号"
    assert kind(Paper().write("政干〔1988〕12号", 0.4, 0.2).write("100123", 0.08, 0.04)) is None


@pytest.mark.parametrize("text", ["在83126部队任职", "八三一二六部队政治处", "〇〇一二三部队"])
def test_a_five_digit_unit_code_is_a_mark(text):
    assert kind(Paper().paragraph(text, 0.4)) == "部队代号"


def test_a_hit_says_where_it_is_and_what_in_two_languages():
    hit = secret_marks(Paper().write("机密★10年", 0.7, 0.05).layer())
    assert hit.box[0] == pytest.approx(0.7, abs=0.01) and "机密" in hit.zh and "secret" in hit.en


def test_ordinary_forms_have_no_marks():
    assert secret_marks(form("干部履历表", rows=[["籍贯", "黑岭省", "职务", "机要参谋"]])) is None
