"""The batch and one pair give the same numbers; a stock of invented people is grouped as it should be."""

from collections import Counter

import pytest

from rongdang.demo.population import Population, settings
from rongdang.describe.linkage.comparisons import COMPARISONS
from rongdang.describe.linkage.engine import link
from rongdang.describe.linkage import batch_sql
from rongdang.describe.linkage.keys import MOST, keys_of
from rongdang.describe.linkage.model import usual_model
from rongdang.describe.linkage.records import prepare
from rongdang.describe.linkage.scoring import score

PEOPLE = 6000


@pytest.fixture(scope="module")
def stock():
    copies = list(Population(settings("train-usual"), 3, PEOPLE).copies())
    with link([copy.record for copy in copies], usual_model(), threads=1) as linkage:
        yield copies, linkage


def test_one_pair_is_scored_as_the_batch_scores_it(stock):
    copies, linkage = stock
    model, known = usual_model(), linkage.stock()
    seen = Counter()
    for pair in linkage.pairs():
        a, b = (prepare(copies[n].record) for n in (pair.first, pair.second))
        alone = score(a, b, model, known)
        assert alone.probability == pytest.approx(pair.probability, abs=1e-9)
        assert alone.weight == pytest.approx(pair.weight, abs=1e-6)
        assert {r.fact: r.code for r in alone.reasons} == {r.fact: r.code for r in pair.reasons()}
        seen.update((r.fact, r.code) for r in alone.reasons)
    assert len(seen) > 0.7 * sum(len(c.levels) for c in COMPARISONS)  # most levels were met


def test_pairs_share_a_key(stock):
    copies, linkage = stock
    keys = [set(keys_of(prepare(copy.record))) for copy in copies]
    for pair in linkage.pairs():
        assert keys[pair.first] & keys[pair.second]


def test_keys_are_the_same_in_the_database(stock):
    copies, linkage = stock
    made = linkage.connection.execute(batch_sql.keys("features")).fetchall()
    found = {}
    for key, record, most in made:
        assert most == MOST[key[0]]
        found.setdefault(record, set()).add(key)
    for number, copy in enumerate(copies):
        assert found.get(number, set()) == set(keys_of(prepare(copy.record)))


def test_people_are_found_and_not_mixed_up(stock):
    copies, linkage = stock
    truth = [copy.truth for copy in copies]
    groups = linkage.clusters()
    both = pairs_in(Counter(zip(groups, truth)))
    precision, recall = both / pairs_in(Counter(groups)), both / pairs_in(Counter(truth))
    assert 2 * precision * recall / (precision + recall) > 0.98
    certain = [pair for pair in linkage.pairs(usual_model().certain)]
    assert len(certain) > 0.6 * pairs_in(Counter(truth))
    assert all(truth[pair.first] == truth[pair.second] for pair in certain)


def test_the_same_records_give_the_same_result(stock):
    copies, linkage = stock
    with link([copy.record for copy in copies], usual_model(), threads=2) as again:
        assert list(again.pairs()) == list(linkage.pairs())
        assert again.clusters() == linkage.clusters()


def pairs_in(counts):
    return sum(n * (n - 1) // 2 for n in counts.values())
