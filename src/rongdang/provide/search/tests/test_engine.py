"""Both engines answer the same questions alike; this file runs on SQLite and on PostgreSQL."""

import random
from uuid import uuid4

import pytest
from django.db import connection

from rongdang.describe.people.services import create_person
from rongdang.describe.access.sight import Sight
from rongdang.provide.search import bigrams
from rongdang.provide.search.matching import Question, match, tally
from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import PAGES, engine
from rongdang.provide.search.services import tidy_index

pytestmark = pytest.mark.django_db
NOBODY = None
EVERYTHING = {"0001": ("基本",)}
TEXTS = {
    1: "王伟明同志1953年7月入伍，同年12月立功",
    2: "王偉 一九五三年立三等功",
    3: "姓名 张\n三连战士",
    4: "中國人民解放軍 第 三 野 戰 軍",
    5: "ABC-１２３ 䶮",
    6: "共23人。其中5人１９５４年８月调后勤部；余者留守",
    7: "峯回路转，羣众路线，档号：X002-RS·JX-00017",
    8: "一九五○年於北京　李 四 任排长 𫖯𬱟",
    9: "第三连、战士；战士“模范”称号",
}


@pytest.fixture(autouse=True)
def somebody(station):
    global NOBODY
    NOBODY = create_person(unit=station, name="某某", acting_user=None)


@pytest.fixture
def indexed():
    for row, text in TEXTS.items():
        add(row, text)


def add(row, text, path="0001.0002", level="基本", category="9-2", year="1953"):
    Document.objects.create(
        pk=row,
        kind="p",
        ref=uuid4(),
        person=NOBODY,
        scope=path,
        level=level,
        category=category,
        year=year,
    )
    engine().add(
        PAGES,
        row,
        bigrams.canonical(text),
        bigrams.scope_tokens(path, category=category, year=year),
    )
    return row


def ask(query, seen=EVERYTHING, *, limit=50, before=None, **filters):
    return sorted(
        match(Question(bigrams.phrases(query), Sight(seen), **filters), limit=limit, before=before)
    )


@pytest.mark.parametrize(
    "query,rows",
    [
        ("王伟", [1, 2]),  # a name inside a longer run, and in traditional characters
        ("王偉", [1, 2]),
        ("王 伟", [1, 2]),  # blanks separate parts, and each is there
        ("李四", [8]),  # a name padded by a blank
        ("1953", [1]),  # a year beside Chinese
        ("1953年", [1]),
        ("1953年7月", [1]),
        ("53年7月", [1]),
        ("１９５３年", [1]),
        ("1954年8月", [6]),  # full width on the page
        ("共23人", [6]),
        ("23", [5, 6]),
        ("5人", [6]),
        ("人5", []),  # a full stop stands between
        ("12月立", [1]),
        ("七月", []),
        ("三", [2, 3, 4, 9]),  # one character
        ("伍", [1]),  # last before punctuation
        ("䶮", [5]),  # rare, and last on its page
        ("𫖯𬱟", [8]),  # younger than SQLite's Unicode tables
        ("𬱟", [8]),
        ("张三", []),  # not across the end of a cell
        ("三连战士", [3]),
        ("第三野战军", [4]),  # blanks between the characters of a page
        ("第三连，战士", [9]),  # across punctuation, whichever it is
        ("第三连。战士", [9]),
        ("“第三连 战士”", []),  # the page has a mark there
        ("第三连战士", []),
        ("战士模范", []),
        ("战士“模范”称号", [9]),
        ('"第 三 野战军"', [4]),  # in quotation marks a blank separates nothing
        ("「三等功」", [2]),
        ("后勤部", [6]),
        ("後勤部", [6]),
        ("峰回路转", [7]),  # a variant
        ("群众路线", [7]),
        ("于北京", [8]),
        ("一九五〇年", [8]),  # nought, however typed
        ("一九五○年", [8]),
        ("X002-RS·JX-00017", [7]),
        ("x002-rs.jx-00017", [7]),
        ("00017", [7]),
        ("abc 123", [5]),  # full width, case, two parts
        ("bc-12", [5]),
        ("王伟 三等功", [2]),  # all parts must be there
        ("伟明同", [1]),
        ("明伟", []),
        ("王伟 王伟", [1, 2]),
        ("%", []),
        ("_", []),
        ('"', []),
        ("^王", [1, 2]),
        ("王伟 AND 立功", []),  # words of the engine's own language are words
        ("NEAR(王伟)", []),
        ("body:王伟", []),
        ("王伟*", [1, 2]),
        ("\x00王伟", [1, 2]),
    ],
)
def test_what_is_asked_is_found_and_nothing_else(indexed, query, rows):
    assert ask(query) == rows


def test_every_part_of_every_page_is_found_and_no_page_without_it():
    """Against a plain search of the same canonical texts: recall and precision are 1."""
    rng = random.Random(20)
    letters = "王李伟明三连战士一二19535年月日功立，。 \n後后勤偉A7峯峰"
    pages = {row: "".join(rng.choices(letters, k=rng.randint(5, 60))) for row in range(1, 161)}
    for row, text in pages.items():
        add(row, text)
    plain = {row: bigrams.canonical(text) for row, text in pages.items()}
    asked = 0
    for text in plain.values():
        for size in (1, 2, 3, 5, 8):
            start = rng.randrange(max(1, len(text) - size))
            phrase = text[start : start + size].strip(bigrams.MARKS)
            if not phrase or bigrams.END in phrase:
                continue
            asked += 1
            truth = sorted(row for row, body in plain.items() if phrase in body)
            assert sorted(match(Question([phrase], Sight(EVERYTHING)), limit=1000)) == truth, phrase
    assert asked > 500


def test_a_text_and_a_question_from_it_fold_alike():
    """Whatever part of a page is asked for, the page is found: folding looks at one character only."""
    text = "乾隆年間，乾燥的蘋果；著作與穿著，瞭解於一九五○年後。峯裡裏㈠①½㎏Ⅳ é é ｱ"
    whole = bigrams.canonical(text)
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            for phrase in bigrams.phrases(f'"{text[start:end]}"'):
                assert phrase in whole, text[start:end]


def test_places_lead_back_to_the_text():
    text = "  王 伟，\n㈠ abc  12。\n"
    canonical, places = bigrams.canonical_places(text)
    assert canonical == "王伟_一-abc-12_"
    assert len(places) == len(canonical)
    assert text[places[canonical.index("伟")]] == "伟"
    assert text[places[canonical.index("12")]] == "1"


def test_only_rows_of_the_units_and_levels_one_may_see(indexed):
    add(16, "王伟", path="0001.0003")
    add(17, "王伟", level="内部")
    add(18, "王伟", path="0002")
    assert ask("王伟") == [1, 2, 16]
    assert ask("王伟", {"0001.0002": ("基本", "内部")}) == [1, 2, 17]
    assert ask("王伟", {"0001.0002": ("基本", "内部"), "0002": ("基本",)}) == [1, 2, 17, 18]
    assert ask("王伟", {"0001": ()}) == [] == ask("王伟", {})


def test_two_roles_each_with_its_own_levels(indexed):
    """Leader of the city, clerk of one station: the inner pages of the other stations stay closed."""
    add(16, "王伟", path="0001.0002", level="内部")
    add(17, "王伟", path="0001.0003", level="内部")
    assert ask("王伟", {"0001": ("基本",), "0001.0002": ("基本", "内部")}) == [1, 2, 16]


def test_facets_narrow_and_are_counted(indexed):
    add(16, "王伟", category="1", year="1962")
    add(17, "王伟", path="0001.0003.0001", category="9-1")
    assert ask("王伟", category="1") == [16]
    assert ask("王伟", year="1962") == [16]
    assert ask("王伟", category="9") == [1, 2, 17]
    assert ask("王伟", unit="0001.0003") == [17]
    assert ask("王伟", unit="0001") == [1, 2, 16, 17]
    assert ask("王伟", unit="0002") == []
    total, counts, _newest = tally(
        Question(["王伟"], Sight(EVERYTHING)), ("scope", "category", "year"), limit=100
    )
    assert total == 4
    assert counts == {
        "scope": {"0001.0002": 3, "0001.0003.0001": 1},
        "category": {"9-2": 2, "1": 1, "9-1": 1},
        "year": {"1953": 3, "1962": 1},
    }
    assert tally(Question(["王伟"], Sight(EVERYTHING)), ("year",), limit=2)[0] == 2


@pytest.mark.parametrize("limit", [2, 4, 100])
@pytest.mark.parametrize("before", [None, 17, 2, 1])
def test_counting_gives_the_newest_rows_too_even_where_it_stops_early(indexed, limit, before):
    add(16, "王伟")
    add(17, "王伟")
    asked = Question(["王伟"], Sight(EVERYTHING))
    counted = tally(asked, ("year",), limit=limit, newest=2, before=before)
    assert counted.newest == match(asked, limit=2, before=before)


def test_a_row_taken_out_is_not_found_again(indexed):
    engine().remove(
        PAGES,
        1,
        bigrams.canonical(TEXTS[1]),
        bigrams.scope_tokens("0001.0002", category="9-2", year="1953"),
    )
    assert ask("王伟") == [2]
    assert ask("1953") == []
    assert ask("伍") == []


def test_the_list_goes_on_behind_a_row(indexed):
    assert ask("王伟", limit=1) == [2]
    assert ask("王伟", limit=5, before=2) == [1]


def test_a_tidied_index_has_fewer_pieces_and_finds_the_same(indexed):
    for row in range(100, 130):
        add(row, f"王伟第{row}页")
    tokens = bigrams.scope_tokens("0001.0002", category="9-2", year="1953")
    for row in range(100, 130, 3):
        engine().remove(PAGES, row, bigrams.canonical(f"王伟第{row}页"), tokens)
    questions = ("王伟", "第11", "第10", "林长河", "页")
    before, pieces = [ask(question) for question in questions], count_pieces()
    tidy_index()
    assert [ask(question) for question in questions] == before
    assert count_pieces() < pieces or pieces == 1
    assert tidy_index() == 0


def count_pieces():
    """GIN is one, and merged by its database."""
    if connection.vendor == "postgresql":
        return 1
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT segid) FROM {PAGES}_idx")
        return cursor.fetchone()[0]
