"""The same comparison on Spark, for a stock that one machine does not hold.

Features lie as Parquet where every worker reads them (`write_parts` makes them from records,
part by part, on as many machines as there are). Settings, weights, guards and calibration are those of
the batch; a test and `bench/linkage_spark.py` compare the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from rongdang.describe.linkage import batch_sql as sql
from rongdang.describe.linkage.engine import AT_ONCE, KEPT_WEIGHT, feature_columns
from rongdang.describe.linkage.model import Model
from rongdang.describe.linkage.records import Record, prepare
from rongdang.describe.linkage.settings import comparison_settings

CANDIDATES = (
    "with few as (select key from keys group by key having count(*) between 2 and max(most)),"
    " narrow as (select keys.key, record from keys left semi join few on keys.key = few.key)"
    " select distinct '0' as match_key, a.record as join_key_l, b.record as join_key_r"
    " from narrow a join narrow b on a.key = b.key and a.record < b.record"
)


def write_parts(records: Iterable[Record], folder: Path, *, first: int = 0) -> int:
    """`folder`/features, numbered from `first`; the number after the last record."""
    import pyarrow.parquet as pq

    source = iter(records)
    (folder / "features").mkdir(parents=True, exist_ok=True)
    while chunk := list(islice(source, AT_ONCE)):
        columns = feature_columns([prepare(record) for record in chunk], first)
        pq.write_table(columns, folder / "features" / f"{first:012d}.parquet")
        first += len(chunk)
    return first


def compare_on_spark(session: Any, folder: Path, model: Model, prior: float) -> Any:
    """A Spark DataFrame as the table `scored` of the batch; `session` a SparkSession."""
    from splink import Linker, SparkAPI

    session.read.parquet(str(folder / "features")).createOrReplaceTempView("loaded")
    session.sql(sql.keys("loaded", "explode")).createOrReplaceTempView("keys")
    features = session.table("loaded").cache()
    candidates = session.sql(CANDIDATES).cache()
    backend: Any = SparkAPI
    api = backend(spark_session=session, break_lineage_method="parquet")
    settings = comparison_settings("spark", model=model, prior=prior)
    linker = Linker(api.register(features), settings, log_level="ERROR")
    for column in sql.FREQUENT:
        shares = api.register(session.sql(sql.shares(column)))
        linker.table_management.register_term_frequency_lookup(shares, column)
    linker.table_management.register_blocked_pairs_for_predict(api.register(candidates))
    predicted = linker.inference.predict(threshold_match_weight=KEPT_WEIGHT, warning_mode="never")
    return session.sql(sql.judged(predicted.physical_name, model))
