"""Weights learnt from a stock without labels, and the calibration of weights against known truth."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from rongdang.describe.linkage.comparisons import COMPARISONS, ENLISTMENT
from rongdang.describe.linkage.engine import estimate_prior, loaded
from rongdang.describe.linkage.model import CURVES, Knots, Model, guards
from rongdang.describe.linkage.records import Record
from rongdang.describe.linkage.settings import comparison_settings

RANDOM_PAIRS = 5e6
LEAST_RATE = 1e-6
UNCALIBRATED: Knots = tuple(
    (weight / 2, 1 / (1 + 2.0 ** (-weight / 2))) for weight in range(-40, 61)
)
# What is seen among records that share one key teaches the facts that are not in the key.
BLOCKS = ("l.number = r.number", "l.name = r.name and l.birth_at = r.birth_at")


def train(records: Iterable[Record], *, seed: int, version: str, threads: int = 2) -> Model:
    """Expectation maximisation; the same records and seed give the same model."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    with loaded(records, threads=threads, memory="2GB") as (connection, size):
        prior = estimate_prior(connection, size)
        linker = Linker(
            DuckDBAPI(connection).register("features"),
            comparison_settings("duckdb", model=None, prior=prior),
            log_level="ERROR",
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
        for block in BLOCKS:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block, fix_probability_two_random_records_match=False
            )
        rates = _rates(linker.misc.save_model_to_json())
        rates["enlistment"] = _given_birth(connection, rates["enlistment"], seed)
    return Model(version, rates, dict.fromkeys(CURVES, UNCALIBRATED), 0.9999, 0.5, guards())


def _given_birth(
    connection: Any, rates: tuple[tuple[float, float], ...], seed: int
) -> tuple[tuple[float, float], ...]:
    """Rates of enlistment with u among strangers born in the same year.

    One enlists at eighteen: strangers who agree in birth agree in enlistment far more often than
    strangers do, and to count both as if they were independent would make namesakes one person.
    """
    cases = " ".join(
        f"when {level.sql} then {index}" for index, level in enumerate(ENLISTMENT.levels[:-1])
    )
    last = len(ENLISTMENT.levels) - 1
    columns = ("enlisted_year", "enlisted_month", "birth_year", "unique_id")
    left, right = (", ".join(f"{c} as {c}_{side}" for c in columns) for side in "lr")
    counted = connection.execute(
        f"with few as (select * from features where enlisted_year is not null and birth_year is"
        f" not null order by hash(unique_id + {int(seed)}) limit 15000)"
        f" select case {cases} else {last} end, count(*) from (select {left} from few)"
        f" join (select {right} from few) on birth_year_l = birth_year_r"
        f" and unique_id_l < unique_id_r group by 1"
    ).fetchall()
    found, whole = dict(counted), sum(count for _, count in counted)
    return tuple(
        (m, max(found.get(index, 0) / max(whole, 1), LEAST_RATE))
        for index, (m, _) in enumerate(rates)
    )


def _rates(saved: dict[str, Any]) -> dict[str, tuple[tuple[float, float], ...]]:
    kept = {one["output_column_name"]: one["comparison_levels"] for one in saved["comparisons"]}
    return {
        comparison.name: tuple(
            (
                max(level.get("m_probability") or 0, LEAST_RATE),
                max(level.get("u_probability") or 0, LEAST_RATE),
            )
            for level in kept[comparison.name][1:]
        )
        for comparison in COMPARISONS
    }


def isotonic(points: Sequence[tuple[float, bool]], least: int = 100) -> Knots:
    """Rising steps of (weight, share that is true) by pooling adjacent violators, as knots.

    Each pool holds at least so many pairs, and its share is told as if one more pair of either
    kind had been seen, so that nothing is ever quite certain. Below the first pool the weight is
    believed as it stands.
    """
    ordered = sorted(points)
    pools: list[tuple[float, float, int, int]] = []  # from weight, to weight, pairs, true pairs
    for start in range(0, len(ordered), least):
        part = ordered[start : start + least]
        pools.append((part[0][0], part[-1][0], len(part), sum(true for _, true in part)))
        while len(pools) > 1 and pools[-2][3] * pools[-1][2] >= pools[-1][3] * pools[-2][2]:
            (low, _, n, true), (_, high, m, more) = pools[-2:]
            pools[-2:] = [(low, high, n + m, true + more)]
    knots: list[tuple[float, float]] = []
    share = 0.0
    for low, high, pairs, true in pools:
        share = max(share, round((true + 0.5) / (pairs + 1), 7))  # a small pool proves less
        knots += [(round(weight, 3), share) for weight in (low, high)]
    below = ((weight, chance) for weight, chance in UNCALIBRATED if weight < knots[0][0] - 1)
    lower = [(weight, round(chance, 7)) for weight, chance in below if chance < knots[0][1]]
    return tuple(dict([*lower, *knots]).items())
