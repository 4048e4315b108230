import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.names import comparable, normalise_name
from rongdang.base.vocab.personnames import parse_name, restored, same_form

# text, name, surname, given, former, remarks, certainty
NAMES = [
    ("王明", "王明", "王", "明", "", "", "sure"),
    ("王 明", "王明", "王", "明", "", "", "sure"),
    ("王　明", "王明", "王", "明", "", "", "sure"),
    (" 王   小  明 ", "王小明", "王", "小明", "", "", "sure"),
    ("欧阳明", "欧阳明", "欧阳", "明", "", "", "sure"),
    ("欧阳 建国", "欧阳建国", "欧阳", "建国", "", "", "sure"),
    ("諸葛 亮", "諸葛亮", "諸葛", "亮", "", "", "sure"),
    ("張建國", "張建國", "張", "建國", "", "", "sure"),
    ("王李丽华", "王李丽华", "王", "李丽华", "", "", "sure"),
    ("买买提·艾力", "买买提·艾力", "", "买买提·艾力", "", "", "sure"),
    ("买买提•艾力", "买买提·艾力", "", "买买提·艾力", "", "", "sure"),
    ("买买提．艾力", "买买提·艾力", "", "买买提·艾力", "", "", "sure"),
    ("吐尔逊 艾力江", "吐尔逊·艾力江", "", "吐尔逊·艾力江", "", "", "doubtful"),
    ("阿卜杜热合曼", "阿卜杜热合曼", "", "阿卜杜热合曼", "", "", "approximate"),
    ("帕提", "帕提", "帕", "提", "", "", "approximate"),
    ("张三(曾用名张山)", "张三", "张", "三", "张山", "", "sure"),
    ("张三（曾用名：张山、张珊）", "张三", "张", "三", "张山 张珊", "", "sure"),
    ("张三（原名张山，乳名狗娃）", "张三", "张", "三", "张山 狗娃", "", "sure"),
    ("张三(又名张山", "张三", "张", "三", "张山", "", "sure"),
    ("张三 曾用名 张山", "张三", "张", "三", "张山", "", "sure"),
    ("张三又名张山", "张三", "张", "三", "张山", "", "sure"),
    ("张三（张山）", "张三", "张", "三", "张山", "", "doubtful"),
    ("张三（曾用名无）", "张三", "张", "三", "", "曾用名无", "sure"),
    ("李四(女)", "李四", "李", "四", "", "女", "sure"),
    ("李四（女，回族）", "李四", "李", "四", "", "女,回族", "sure"),
    ("李四(已故)", "李四", "李", "四", "", "已故", "sure"),
    ("李四[大]", "李四", "李", "四", "", "大", "sure"),
    ("张三同志", "张三", "张", "三", "", "同志", "sure"),
    ("张三 同志", "张三", "张", "三", "", "同志", "sure"),
    ("张建国政委", "张建国", "张", "建国", "", "政委", "sure"),
    ("张建国副司令员", "张建国", "张", "建国", "", "副司令员", "sure"),
    ("张建国老首长同志", "张建国", "张", "建国", "", "同志 老首长", "sure"),
    ("老红军张建国", "张建国", "张", "建国", "", "老红军", "sure"),
    ("姓名：张三", "张三", "张", "三", "", "姓名", "sure"),
    ("1.张三", "张三", "张", "三", "", "", "sure"),
    ("① 张三", "张三", "张", "三", "", "", "sure"),
    ("张三、李四", "张三", "张", "三", "", "several 李四", "doubtful"),
    ("张三 李四", "张三", "张", "三", "", "several 李四", "doubtful"),
    ("王主任", "王主任", "王", "主任", "", "", "sure"),
    ("张?国", "张?国", "", "张?国", "", "", "doubtful"),
    ("张□国", "张□国", "", "张□国", "", "", "doubtful"),
    ("张三A", "张三A", "", "张三A", "", "", "doubtful"),
    ("Zhang San", "ZhangSan", "", "ZhangSan", "", "", "doubtful"),
    ("王", "王", "王", "", "", "", "doubtful"),
    ("本人", "", "", "", "", "本人", "sure"),
    ("同上", "", "", "", "", "同上", "sure"),
    ("无", "", "", "", "", "无", "sure"),
    ("（无）", "", "", "", "", "无", "sure"),
    ("—", "", "", "", "", "—", "sure"),
    ("/", "", "", "", "", "", "sure"),
    ("", "", "", "", "", "", "sure"),
    ("12345", "", "", "", "", "12345", "sure"),
    ("配偶", "", "", "", "", "配偶", "sure"),
]


@pytest.mark.parametrize("text,name,surname,given,former,remarks,certainty", NAMES)
def test_a_name_is_read_from_its_cell(text, name, surname, given, former, remarks, certainty):
    found = parse_name(text)
    assert (found.name, found.surname, found.given) == (name, surname, given)
    assert found.former == tuple(former.split())
    assert " ".join(found.remarks) == remarks
    assert found.certainty == certainty and found.original == text


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("李峯", "李峰", True),
        ("張國强", "张国強", True),
        ("王羣", "王群", True),
        ("陶喆", "陶哲", False),
        ("王堃", "王坤", False),
        ("李淼", "李森", False),
        ("王甯", "王宁", False),
        ("李昇", "李升", False),
        ("王乾", "王干", False),
        ("买买提·艾力", "买买提艾力", True),
    ],
)
def test_only_true_variants_are_one(one, other, same):
    assert (same_form(one) == same_form(other)) is same
    assert parse_name(one).name == normalise_name(one)  # the name stays as its bearer writes it


def test_private_characters_are_restored_where_the_standard_is_certain():
    assert restored("王\ue863") == ("王䶮", False)
    assert restored("王\ue854") == ("王龺", False)
    found = parse_name("王\ue863")
    assert found.name == "王䶮" and found.certainty == "sure"
    kept = parse_name("王\ue001明")
    assert kept.name == "王\ue001明" and kept.certainty == "doubtful"
    assert "private use" in kept.remarks


def test_rare_characters_of_the_later_planes_are_names():
    for text in ("王𬭎", "李𠮷明", "张㛃", "王龑"):
        assert parse_name(text).name == text and parse_name(text).certainty == "sure"


SIGNS = "王李张欧阳三明国·•（）()曾用名又乳同志女无本人上老首长 　、,/?□1A\ue863\ue001"


@settings(max_examples=400, deadline=None)
@example("(" * 50)
@example("（曾用名")
@example("·")
@given(st.one_of(st.text(SIGNS, max_size=20), st.text(max_size=70)))
def test_no_writing_breaks_it_and_a_name_stays_a_name(text):
    found = parse_name(text)
    assert found.original == text
    assert found.surname + found.given == found.name
    assert same_form(found.name) == same_form(same_form(found.name))
    if found.name and found.certainty == "sure":
        again = parse_name(found.name)
        assert again.name == found.name and comparable(again.name) == comparable(found.name)
