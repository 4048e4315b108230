import pytest

from rongdang.base.errors import DomainError
from rongdang.base.vocab import categories, codes, fields, ids, names, required, titles


@pytest.mark.parametrize(
    "text,code",
    [
        ("四-1", "4-1"),
        ("4－1", "4-1"),
        ("04-01", "4-1"),
        ("九", "9"),
        ("第十类", "10"),
        ("10", "10"),
        ("9.2", "9-2"),
    ],
)
def test_a_class_is_understood_however_it_is_written(text, code):
    assert categories.parse_code(text) == code


@pytest.mark.parametrize("text", ["十一", "5-1", "9-5", "", "x", "0"])
def test_no_such_class_is_refused_in_both_languages(text):
    with pytest.raises(DomainError) as refused:
        categories.parse_code(text)
    assert refused.value.zh and refused.value.en


def test_both_schemes_have_the_same_eighteen_rows_and_classes_4_and_9_hold_only_sub_classes():
    for version in ("2018", "2012"):
        entries = categories.scheme(version).entries
        assert len(entries) == 18
        assert [e.code for e in entries if not e.takes_items] == ["4", "9"]


def test_audit_moved_from_class_3_to_5():
    assert (
        categories.map_code("3", source="2012", target="2018", title="经济责任审计结果报告") == "5"
    )
    assert categories.map_code("3", source="2012", target="2018", title="年度考核表") == "3"
    assert categories.map_code("5", source="2018", target="2012", title="离任审计报告") == "3"


@pytest.mark.parametrize(
    "text,name,category",
    [
        ("干 部 履 历 表", "干部履历表", "1"),
        ("立功受獎登記表", "立功受奖登记表", "7"),
        ("干部任兔审批表", "任免审批表", "9-2"),
        ("1962年度干部鉴定表", "鉴定表", "3"),
        ("入党志愿书", "入党志愿书", "6"),
        ("更改出生年月审批表（复印件）", "更改出生日期审批表", "5"),
    ],
)
def test_a_title_is_recognised_through_blanks_traditional_characters_and_a_misread_one(
    text, name, category
):
    best, score = titles.best_title(text)[0]
    assert (best.name, best.category) == (name, category) and score > 0.8


def test_a_sentence_is_no_title():
    assert titles.best_title("今天天气很好我们去训练") == []


def test_every_title_stands_in_a_class_that_takes_materials_and_no_name_stands_twice():
    scheme = categories.scheme("2018")
    seen = [name for title in titles.all_titles() for name in (title.name, *title.aliases)]
    assert len(titles.all_titles()) >= 350 and len(seen) == len(set(seen))
    assert all(scheme.entry(title.category).takes_items for title in titles.all_titles())


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440524188001010014", "34052419800101001X"]
)
def test_published_id_numbers_are_valid(number):
    assert ids.parse_id(number).valid


def test_an_id_number_tells_birth_and_sex_and_its_short_form_is_lengthened():
    found = ids.parse_id("１１０１０５１９４９１２３１００２ｘ")
    assert (found.birth, found.sex, found.area) == ("1949-12-31", "女", "110105")
    assert ids.parse_id("110105491231002").value == "11010519491231002X"
    assert not ids.parse_id("110105194912310021").valid
    assert not ids.parse_id("110105194902310021").valid
    assert ids.parse_id("12345") is None
    assert ids.mask("11010519491231002X") == "1*************002X"


@pytest.mark.parametrize(
    "name,full,initials",
    [
        ("林长河", "linchanghe", "lch"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("解放", "xiefang", "xf"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("欧阳修", "ouyangxiu", "oyx"),
        ("曾國藩", "zengguofan", "zgf"),
        ("仇 英", "qiuying", "qy"),
    ],
)
def test_names_are_read_as_their_bearers_say_them(name, full, initials):
    keys = names.pinyin_keys(name)
    assert (keys.full, keys.initials) == (full, initials)


def test_a_name_keeps_its_characters_and_loses_its_blanks():
    assert names.normalise_name(" 林　长 河 ") == "林长河"
    assert names.normalise_name("买买提•艾力") == "买买提·艾力"
    assert names.normalise_name("林䶮") == "林䶮"


def test_codes_are_found_by_their_everyday_words():
    assert (
        codes.lookup("ethnic", "汉").name == "汉族"
        and codes.lookup("political", "党员").code == "01"
    )
    assert codes.lookup("rank", "列兵") and codes.lookup("rank", "将军") is None


def test_labels_of_forms_lead_to_one_field_each():
    labels = [
        label
        for entry in fields.dictionary().values()
        for label in {"".join(l.split()) for l in entry.labels}
    ]
    assert len(labels) == len(set(labels))
    assert fields.by_label()["出生年月"].name == "出生日期"


def test_a_complete_file_scores_100_and_an_empty_one_names_what_it_lacks_and_where_to_look():
    assert required.score([], {}).score == 0
    empty = required.score([], {})
    assert empty.veto and all(one.why and one.where for one in empty.missing)
    assert "评残" not in [one.name for one in empty.missing]
    assert "评残" in [one.name for one in required.score([], {"残疾等级": "六级"}).missing]
    held = [required.MaterialHeld(row.name, row.category, "", 1) for row in titles.all_titles()]
    assert required.score(held, {}).score == 100
