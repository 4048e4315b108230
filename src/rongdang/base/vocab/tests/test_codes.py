"""Every code table: whole against the lists of the standards, unique, unambiguous, dated in order."""

import pytest

from rongdang.base.vocab import areas, codes

# How many values each standard names; the codes themselves where the list is short.
WHOLE = {
    "sex": "0 1 2 9",
    "marriage": "10 20 21 22 23 30 40 90",
    "health": "10 20 30 31 32 33 34 35 36 37 38 41 49 60 61 62 63 64 65 66 67 69",
    "occupation": "11 13 17 21 24 27 31 37 51 54 70 80 90",
    "ethnic": " ".join(f"{n:02d}" for n in (*range(1, 57), 97, 98)),
    "political": " ".join(f"{n:02d}" for n in range(1, 14)),
    "education": "10 11 12 13 14 15 16 17 18 19 20 21 22 23 28 30 31 32 33 40 41 42 43 44 45 46 47 "
    "48 49 60 61 62 63 70 71 73 80 81 83 90",
    "kinship": "01 02 10 11 12 " + " ".join(str(n) for n in (*range(20, 98), 99)),
    "kinship_short": "0 1 2 3 4 5 6 7 8",
    "cadre_level": "101 102 111 112 121 122 131 132 141 142 150 160 199 211 212 221 222 231 232 241 "
    "242 251 252 410 411 412 420 430 434 435 499",
    "post_grade": " ".join(f"MP-{n:02d}" for n in range(1, 14)),
    "technical_grade": " ".join(f"MT-{n:02d}" for n in range(1, 15)),
    "admin_grade": " ".join(f"MA-{n:02d}" for n in range(6, 26)),
    "civilian_grade": " ".join(f"MC-{n:02d}" for n in range(10)),
    "award": " ".join(f"A{n}" for n in range(1, 14)),
    "discipline_military": " ".join(f"DM-{n}" for n in range(1, 9)),
    "discipline_party": " ".join(f"DC-{n}" for n in range(1, 6)),
    "discipline_government": " ".join(f"DG-{n}" for n in range(1, 7)),
    "disability": " ".join([str(n) for n in range(1, 11)] + [f"old-{n}" for n in range(1, 7)]),
    "disability_kind": "1 2 3",
    "retirement": "1 2 3",
    "settlement": "1 2",
    "hardship": " ".join(f"HS-{n}" for n in range(1, 7)),
    "secrecy": "0 1",
}


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_table_is_whole(name):
    assert [entry.code for entry in codes.entries(name)] == WHOLE[name].split() or {
        entry.code for entry in codes.entries(name)
    } == set(WHOLE[name].split())


@pytest.mark.parametrize(
    "name,held",
    [
        ("degree", "1 2 3 4 201 208 312 401 412 345 346 352"),
        ("title", "010 011 012 013 014 020 050 070 080 090 120 130 140 150 160 170 180 190 200 220 "
         "230 240 250 260 270 280 360 370 380 390 610 620 640 650 660 670 680"),
        ("rank", " ".join(f"MR-{n:02d}" for n in range(1, 28))),
        ("medal", " ".join(f"ME-{n:02d}" for n in range(1, 23))),
        ("treatment", " ".join(f"TL-{n:02d}" for n in (*range(1, 14), *range(21, 28)))),
        ("person_kind", "PK-1 PK-2 PK-3 PK-4 PK-5 PK-6"),
    ],
)  # fmt: skip
def test_a_longer_table_holds_what_the_list_of_the_field_names(name, held):
    assert set(held.split()) <= {entry.code for entry in codes.entries(name)}


@pytest.mark.parametrize("name", codes.all_tables())
def test_no_code_and_no_writing_stands_for_two_values(name):
    entries = codes.entries(name)
    assert len({entry.code for entry in entries}) == len(entries) > 0
    owner = {}
    for entry in entries:
        for word in {codes.folded(word) for word in entry.words}:
            assert owner.setdefault(word, entry.code) == entry.code, (word, owner[word], entry.code)
    # A code that is also a word of another value would be read as that value.
    for entry in entries:
        assert owner.get(codes.folded(entry.code), entry.code) == entry.code, entry.code


@pytest.mark.parametrize("name", codes.all_tables())
def test_each_value_is_found_by_its_code_its_names_and_every_other_writing(name):
    for entry in codes.entries(name):
        for text in (entry.code, *entry.words):
            found = codes.find(name, f" {text} ")
            assert found is not None and found.code.code == entry.code, text
            assert found.certainty == "sure" and found.original == f" {text} "


@pytest.mark.parametrize("name", codes.all_tables())
def test_each_table_says_title_version_source_and_how_sure_it_is(name):
    head = codes.about(name).head
    assert all(head.get(key) for key in ("title", "english", "version", "source", "standard"))
    assert head["confidence"] in ("H", "M", "L")
    assert {entry.confidence for entry in codes.entries(name)} <= {"", "H", "M", "L"}


@pytest.mark.parametrize("name", codes.all_tables())
def test_years_of_use_are_in_order(name):
    for entry in codes.entries(name):
        spans = [(first or "0000", last or "9999") for first, last in entry.valid]
        assert all(first <= last for first, last in spans)
        assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False)), (
            entry.code
        )


@pytest.mark.parametrize(
    "name,text,code,certainty",
    [
        ("sex", "男性", "1", "sure"),
        ("sex", "Ｍ", "1", "sure"),
        ("sex", "female", "2", "sure"),
        ("political", "党员", "01", "sure"),
        ("political", "1", "01", "sure"),
        ("political", "中共党员（正式）", "01", "doubtful"),
        ("education", "大专", "31", "sure"),
        ("education", "专 科", "31", "sure"),
        ("education", "72", "73", "sure"),
        ("ethnic", "汉", "01", "sure"),
        ("ethnic", "HA", "01", "sure"),
        ("ethnic", "僮族", "08", "sure"),
        ("rank", "海军大校", "MR-04", "sure"),
        ("rank", "1201", "MR-04", "sure"),
        ("post_grade", "正团职", "MP-07", "sure"),
        ("post_grade", "正团职干部", "MP-07", "doubtful"),
        ("disability", "二等乙级", "old-4", "sure"),
        ("discipline_government", "政务记过", "DG-2", "sure"),
        ("kinship", "四子", "25", "sure"),
        ("former_province", "察哈尔", "FP-01", "sure"),
        ("political", "中共党圆", "01", "doubtful"),
    ],
)
def test_a_writing_stands_for_one_value_and_says_how_sure_that_is(name, text, code, certainty):
    found = codes.find(name, text)
    assert (found.code.code, found.certainty) == (code, certainty)


@pytest.mark.parametrize(
    "name,text",
    [("sex", "男女"), ("rank", "将军"), ("political", ""), ("kinship", "1"), ("ethnic", "火星")],
)
def test_what_may_be_several_values_or_none_is_not_guessed(name, text):
    assert codes.find(name, text) is None


def test_a_value_out_of_its_years_is_in_doubt():
    assert codes.find("rank", "大尉", 1958).certainty == "sure"
    assert codes.find("rank", "大尉", 1995).certainty == "doubtful"
    assert codes.find("rank", "上校", 1970).certainty == "doubtful"
    assert codes.find("disability", "六级", 1990).certainty == "doubtful"


def test_posts_name_the_ranks_of_the_regulation_and_kin_how_near_they_are():
    ranks = codes.by_code("rank")
    for post in codes.entries("post_grade"):
        assert post.more["ranks"] and all(rank in ranks for rank in post.more["ranks"])
    kin = {entry.more["kin"] for entry in codes.entries("kinship")}
    assert kin == {"self", "spouse", "direct", "collateral", "affine", "none"}


def test_a_province_that_was_abolished_says_where_its_land_is_now():
    today = {areas.stem(area.name) for area in areas.everything() if area.level == "province"}
    for entry in codes.entries("former_province"):
        assert {one.split("（")[0] for one in entry.more["now"].split("、")} <= today
