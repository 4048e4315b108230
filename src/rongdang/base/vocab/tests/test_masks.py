"""As much of a number, address or name as one may see; and the closed list of reasons."""

import pytest

from rongdang.base.vocab import categories, fields, purposes
from rongdang.base.vocab.masks import (
    mask_address,
    mask_name,
    mask_phone,
    masked,
    masked_fields,
    masked_text,
)


@pytest.mark.parametrize(
    ("name", "shown"), [("林长河", "林＊＊"), ("欧阳明", "欧阳＊＊"), ("张伟", "张＊＊"), ("", "")]
)
def test_a_name_keeps_its_surname(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800005678", "138****5678"),
        ("138 0000 5678", "138****5678"),
        ("0535-6000123", "053****0123"),
        ("6000123", "****23"),
        ("无", ""),
    ],
)
def test_a_telephone_keeps_what_tells_it_from_another(text, shown):
    assert mask_phone(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("梧桐省银杏市海棠区学府路18号3栋201", "梧桐省银杏市海棠区＊＊"),
        ("梧桐市海棠区学府路小区18号", "梧桐市海棠区＊＊"),
        ("梧桐省银杏县城关镇幸福小区3号", "梧桐省银杏县＊＊"),
        ("银杏市学府路18号", "银杏市＊＊"),
        ("幸福小区3号", "＊＊"),
        ("学府路18号", "＊＊"),
    ],
)
def test_an_address_ends_at_county_or_district(text, shown):
    assert mask_address(text) == shown


def test_masked_fields_are_known_and_others_stay_as_they_are():
    assert set(masked_fields()) <= set(fields.dictionary())
    assert masked("公民身份号码", "990101193804120038") == "9*************0038"
    assert masked("联系电话", "13800005678") == "138****5678"
    assert masked("出生日期", "1938-04") == "1938-04" and masked("现住址", "") == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("身份证990101193804120038号", "身份证9*************0038号"),
        ("９９０１０１１９３８０４１２００３８", "９*************００３８"),
        ("99010138041200X", "99010138041200X"),
        ("990101380412003", "9**********2003"),
        ("电话13800005678转2", "电话138****5678转2"),
        ("账号6222020000000001234", "账号***************1234"),
        ("1953年7月12日入伍，第20013号", "1953年7月12日入伍，第20013号"),
    ],
)
def test_numbers_in_running_text_are_masked_and_every_place_stays_true(text, shown):
    assert masked_text(text) == shown and len(masked_text(text)) == len(text)


def test_the_reasons_are_the_list_of_the_regulation_and_levels_are_those_of_the_standard():
    levels = {entry.level for entry in categories.scheme("2018").entries}
    levels |= {entry.level for entry in fields.dictionary().values()}
    assert levels == set(purposes.ALL_LEVELS)
    known = purposes.reasons()
    for entry in known.values():
        assert set(entry.levels) <= levels and entry.levels
        assert entry.kind in ("consult", "keep", "transfer", "emergency")
        assert entry.name and entry.english and entry.clause
    clauses = {entry.clause for entry in known.values() if entry.kind == "consult"}
    assert clauses == {
        "（一）",
        "（二）",
        "（三）",
        "（四）",
        "（五）",
        "（六）",
        "（七）",
        "本人权益",
    }
    # "Other" is the narrowest and never wordless.
    assert known["other"].levels == ("基本",) and known["other"].note
