"""An invented life holds together, and can be nobody's."""

import re

import pytest

from rongdang.base.vocab.codes import lookup
from rongdang.base.vocab.dates import iso_partial
from rongdang.base.vocab.fields import dictionary
from rongdang.base.vocab.ids import parse_id
from rongdang.demo.paper.lives import invent

LIVES = [invent(seed) for seed in range(300)]


def test_the_same_seed_is_the_same_life():
    assert invent(7) == LIVES[7]
    assert len({life.id_number for life in LIVES}) == 300


def test_id_numbers_are_well_made_and_of_areas_never_issued():
    for life in LIVES:
        number = parse_id(life.id_number)
        assert number.valid and number.area.startswith("990")
        assert (number.birth, number.sex) == (life.birth, life.sex)


def test_the_life_runs_in_order():
    for life in LIVES:
        days = [life.birth, life.enlistment, life.retirement_date, life.handover]
        assert days == sorted(days)
        assert 16 <= int(life.enlistment[:4]) - int(life.birth[:4]) <= 21
        assert life.enlistment[:7] <= life.party_entry < life.party_full < life.retirement_date
        assert [post.since for post in life.posts] == sorted(post.since for post in life.posts)
        assert all(award.date < life.retirement_date for award in life.awards)
        assert (life.retirement_kind == "离休") == (life.enlistment < "1949-10-01")


def test_the_record_speaks_the_dictionary_s_language():
    for life in LIVES:
        for name, value in life.record().items():
            entry = dictionary()[name]
            if entry.type == "date":
                assert iso_partial(value), (name, value)
            if entry.type == "code":
                assert lookup(entry.table, value).name == value, (name, value)


def test_no_unit_bears_a_number_that_could_be_a_cover_code():
    for life in LIVES:
        said = " ".join([*life.record().values(), *(post.unit for post in life.posts)])
        without_numbers = said.replace(life.id_number, "").replace(life.phone, "")
        assert not re.search(r"\d{5}|[一二三四五六七八九〇零]{4,}部队", without_numbers)


@pytest.mark.parametrize("kind", ["rare", "compound", "minority", "former", "disabled", "woman"])
def test_the_unusual_is_there(kind):
    found = {
        "rare": any(set(life.name) & set("翀甯堃昇焜嬿颋赟龑") for life in LIVES),
        "compound": any(life.name[:2] in ("欧阳", "司马", "上官", "诸葛") for life in LIVES),
        "minority": any("·" in life.name for life in LIVES),
        "former": any(life.former_name for life in LIVES),
        "disabled": any(life.disability for life in LIVES),
        "woman": any(life.sex == "女" for life in LIVES),
    }
    assert found[kind]


def test_a_form_of_an_early_year_knows_nothing_of_later_ones():
    for life in LIVES[:50]:
        early = life.at(life.enlistment)
        assert early.post == life.posts[0]
        assert early.political != "中共党员" or life.party_entry <= life.enlistment
