"""The whole stock at once: DuckDB holds it, Splink compares it, guards and calibration speak last.

Nothing is kept: a `Linkage` lives in memory for as long as it is open. Records are counted from 0 in
the order they came; the same records in the same order give the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from rongdang.describe.linkage import batch_sql as sql
from rongdang.describe.linkage.clusters import Edge, clusters_of
from rongdang.describe.linkage.comparisons import COMPARISONS, Pattern
from rongdang.describe.linkage.model import Guard, Model
from rongdang.describe.linkage.records import Features, Record, prepare
from rongdang.describe.linkage.scoring import Reason, Stock, reasons_of
from rongdang.describe.linkage.settings import comparison_settings

AT_ONCE = 50_000  # records turned into columns together
TOGETHER = 2_500_000  # pairs compared together
KEPT_WEIGHT = -4.0  # in bits: what is weaker is nobody's question


class Pair(NamedTuple):
    """Two records that may be one person; `pattern` and `weights` as in `scoring.reasons_of`."""

    first: int
    second: int
    probability: float
    weight: float
    pattern: Pattern
    weights: tuple[float, ...]

    def reasons(self) -> tuple[Reason, ...]:
        return reasons_of(self.pattern, self.weights)

    def guards(self, model: Model) -> tuple[Guard, ...]:
        """What calls for caution with this pair."""
        return model.judged(self.weight, self.pattern)[1]


@dataclass
class Linkage:
    """Records loaded, compared and grouped; see `link`."""

    connection: Any  # duckdb.DuckDBPyConnection: tables features, keys, candidates, scored
    model: Model
    size: int
    prior: float

    def stock(self) -> Stock:
        """What `scoring.score` needs to give the same numbers."""
        return Stock(self.prior, self._frequency)

    def pairs(self, least: float = 0.0) -> Iterator[Pair]:
        """Scored pairs from that probability on, the surest first."""
        found = self.connection.cursor().execute(sql.scored_rows(), [least])
        while rows := found.fetchmany(10_000):
            for first, second, probability, weight, *levels in rows:
                half = len(COMPARISONS)
                yield Pair(
                    first,
                    second,
                    probability,
                    weight,
                    tuple(levels[:half]),
                    tuple(levels[half:]),
                )

    def clusters(self, least: float | None = None) -> list[int]:
        """For each record the smallest number among the records of its person."""
        least = self.model.doubtful if least is None else least
        edges = self.connection.execute(sql.EDGES, [least]).fetchall()
        touched = self.connection.execute(sql.TOUCHED, [least]).fetchall()
        return clusters_of(
            self.size, [Edge(*edge) for edge in edges], {r[0]: r[1:] for r in touched}
        )

    def _frequency(self, column: str, value: str) -> float | None:
        found = self.connection.execute(
            f"select tf_{column} from features where {column} = ? limit 1", [value]
        ).fetchall()
        return found[0][0] if found else None


@contextmanager
def link(
    records: Iterable[Record], model: Model, *, threads: int = 2, memory: str = "1500MB"
) -> Iterator[Linkage]:
    """Load and compare records with a model; the result is asked while the block is open."""
    with loaded(records, threads=threads, memory=memory) as (connection, size):
        prior = estimate_prior(connection, size)
        compare(connection, model, prior)
        yield Linkage(connection, model, size, prior)


@contextmanager
def loaded(records: Iterable[Record], *, threads: int, memory: str) -> Iterator[tuple[Any, int]]:
    """A database in memory with the tables features and candidates, and the number of records."""
    import duckdb

    with closing(duckdb.connect()) as connection:
        connection.execute(f"set threads={int(threads)}")
        connection.execute("set memory_limit=?", [memory])
        connection.execute("set preserve_insertion_order=false")
        connection.execute(sql.TABLES)
        size = _load(connection, records)
        for statement in (*sql.FREQUENCIES, *sql.CANDIDATES):
            connection.execute(statement)
        yield connection, size


def estimate_prior(connection: Any, size: int) -> float:
    """The chance that two records taken blindly are one person, told from those that surely are.

    Agreement in the number, or in name and day of birth, finds about four in five.
    """
    if size < 2:
        return 0.5
    [(sure,)] = connection.execute(sql.SURE_PAIRS).fetchall()
    people: float = max(
        sure / sql.SURE_RECALL, 0.05 * size
    )  # a small table says too little of itself
    return min(0.5, people / (size * (size - 1) / 2))


def compare(connection: Any, model: Model, prior: float) -> None:
    """Table `scored` from table `candidates`: Splink's weights, then calibration and guards.

    Part by part: Splink hands out what it compared together with the levels, and that is large.
    """
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    settings = comparison_settings("duckdb", model=model, prior=prior)
    linker = Linker(api.register("features"), settings, log_level="ERROR")
    connection.execute(sql.SCORED)
    [(pairs,)] = connection.execute("select count(*) from candidates").fetchall()
    for part in range(parts := 1 + pairs // TOGETHER):
        connection.execute(sql.PART, [parts, part])
        linker.table_management.register_blocked_pairs_for_predict(api.register("part"))
        predicted = linker.inference.predict(
            threshold_match_weight=KEPT_WEIGHT, warning_mode="never"
        )
        connection.execute(sql.keep_scored(predicted.physical_name, model))
        predicted.drop_table_from_database_and_remove_from_cache()
    connection.execute("drop table part")


def _load(connection: Any, records: Iterable[Record]) -> int:
    size, source = 0, iter(records)
    while chunk := list(islice(source, AT_ONCE)):
        features = [prepare(record) for record in chunk]
        connection.register("chunk", feature_columns(features, size))
        connection.execute(sql.TAKE)
        connection.unregister("chunk")
        size += len(chunk)
    return size


def feature_columns(features: Sequence[Features], first: int) -> Any:
    """The features of a chunk as an Arrow table, numbered from `first`."""
    import pyarrow as pa

    columns: dict[str, Any] = dict(zip(Features._fields, zip(*features, strict=True), strict=True))
    columns["unique_id"] = range(first, first + len(features))
    columns["many"] = [len(one.names) > 1 for one in features]
    columns["names"] = [list(one.names) for one in features]
    columns["kin"] = [list(one.kin) or None for one in features]
    del columns["id"]
    return pa.table(
        {
            name: pa.array(columns[name], type=pa.type_for_alias(kind))
            if kind != "list"
            else pa.array(columns[name], type=pa.list_(pa.string()))
            for name, kind in sql.COLUMNS.items()
        }
    )
