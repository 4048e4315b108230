"""Both engines answer the same questions alike; this file runs on SQLite and on PostgreSQL."""

import pytest

from rongdang.provide.search import bigrams
from rongdang.provide.search.ports import engine

pytestmark = pytest.mark.django_db
EVERYWHERE = [[["u0001"], [bigrams.level_token("基本")], ["kp"]]]
PAGES = {
    1: "王伟明同志1953年7月入伍",
    2: "王偉 一九五三年立三等功",
    3: "姓名 张\n三连战士",
    4: "中國人民解放軍 第 三 野 戰 軍",
    5: "ABC-１２３ 䶮",
}


@pytest.fixture
def indexed():
    for row, text in PAGES.items():
        add(row, text)


def add(row, text, path="0001.0002", level="基本", category="9-2", year="1953"):
    scope = bigrams.scope_tokens(path, level=level, category=category, year=year, kind="p")
    engine().add(row, bigrams.joined(bigrams.tokens(text)), bigrams.joined(scope))
    return row


def ask(query, scopes=EVERYWHERE, **options):
    phrases = [bigrams.phrase_tokens(part) for part in bigrams.phrases(query)]
    return sorted(engine().match(phrases, scopes, **{"limit": 50, **options}))


@pytest.mark.parametrize(
    "query,rows",
    [
        ("王伟", [1, 2]),  # a name inside a longer run, and in traditional characters
        ("王偉", [1, 2]),
        ("1953", [1]),  # a year beside Chinese
        ("1953年7月", [1]),
        ("七月", []),
        ("三", [2, 3, 4]),  # one character
        ("䶮", [5]),  # rare, and last in its run
        ("张三", []),  # not across the end of a cell
        ("三连战士", [3]),
        ("三野战军", [4]),  # blanks between the characters of a page
        ("abc 123", [5]),  # full width, case, two parts
        ("王伟 三等功", [2]),  # all parts must be there
        ("伟明同", [1]),
        ("明伟", []),
        ("%", []),
        ("_", []),
        ('"', []),
    ],
)
def test_what_is_asked_is_found_and_nothing_else(indexed, query, rows):
    if not bigrams.phrases(query):
        assert rows == []
        return
    assert ask(query) == rows


def test_only_rows_of_the_units_and_levels_one_may_see(indexed):
    add(6, "王伟", path="0001.0003")
    add(7, "王伟", level="内部")
    add(8, "王伟", path="0002")
    assert ask("王伟") == [1, 2, 6]
    assert ask(
        "王伟", [[["u0001x0002"], [bigrams.level_token("基本"), bigrams.level_token("内部")]]]
    ) == [1, 2, 7]
    assert ask("王伟", []) == []


def test_facets_narrow_inside_the_index(indexed):
    add(6, "王伟", category="1", year="1962")
    assert ask("王伟", [[*EVERYWHERE[0], [bigrams.category_token("1")]]]) == [6]
    assert ask("王伟", [[*EVERYWHERE[0], ["y1962"]]]) == [6]
    assert ask("王伟", [[*EVERYWHERE[0], [bigrams.category_token("9")]]]) == [1, 2]


def test_a_row_taken_out_is_not_found_again(indexed):
    scope = bigrams.joined(
        bigrams.scope_tokens("0001.0002", level="基本", category="9-2", year="1953", kind="p")
    )
    engine().remove(1, bigrams.joined(bigrams.tokens(PAGES[1])), scope)
    assert ask("王伟") == [2]
    assert ask("1953") == []


def test_the_list_goes_on_behind_a_row(indexed):
    assert ask("王伟", limit=1) == [2]
    assert ask("王伟", limit=5, before=2) == [1]
