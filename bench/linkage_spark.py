"""The settings of linkage on a local Spark cluster of two workers, beside DuckDB: agreement, seconds.

    python bench/linkage_spark.py [--records 100000] [--master local-cluster[2,1,2048]]

Needs an environment with pyspark 4 and Java 17; see docs/operate/nation.md.
"""
import argparse, os, sys, tempfile, time
from pathlib import Path

from linkage import made, read
from table import Report


def main():
    from rongdang.describe.linkage.engine import link
    from rongdang.describe.linkage.model import usual_model
    from rongdang.describe.linkage.nation import compare_on_spark, write_parts

    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--records", type=int, default=100_000)
    ask.add_argument("--settings", default="test-usual")
    ask.add_argument("--master", default="local-cluster[2,1,2048]")
    ask.add_argument("--json", action="store_true")
    options = ask.parse_args()
    report, model = Report("linkage on Spark"), usual_model()
    with tempfile.TemporaryDirectory(prefix="rongdang-spark-") as folder:
        path = str(Path(folder) / "people.parquet")
        made(path, options.settings, options.records, 1)
        began = time.monotonic()
        with link(read(path), model) as linkage:
            here = {pair[:2]: pair.probability for pair in linkage.pairs()}
            prior = linkage.prior
        report.add(f"DuckDB, {options.records:,} records: seconds", time.monotonic() - began, "s")
        session = started(options.master, folder)
        began = time.monotonic()
        write_parts(read(path), Path(folder))
        rows = compare_on_spark(session, Path(folder), model, prior).select("first", "second", "probability").collect()
        report.add(f"Spark, {options.master}: seconds", time.monotonic() - began, "s")
        executors = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
        report.add("Spark: workers that took part", executors, least=1)
        session.stop()
    there = {(row["first"], row["second"]): row["probability"] for row in rows}
    report.add("pairs by DuckDB", len(here))
    report.add("pairs by Spark", len(there))
    report.add("pairs only one of them has", len(here.keys() ^ there.keys()), most=0)
    apart = max((abs(here[pair] - there[pair]) for pair in here.keys() & there.keys()), default=1.0)
    report.add("largest difference of a probability", apart, most=1e-6)
    sys.exit(report.show(options.json))


def started(master, folder):
    import pyspark
    from pyspark.sql import SparkSession
    from splink.backends.spark import similarity_jar_location

    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.driver.memory": "2g", "spark.sql.shuffle.partitions": "4", "spark.default.parallelism": "4",
        "spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
        "spark.local.dir": folder, "spark.sql.warehouse.dir": f"{folder}/warehouse", "spark.jars": similarity_jar_location(),
    }
    building = SparkSession.builder.master(master).appName("rongdang-linkage")
    for name, value in settings.items():
        building = building.config(name, value)
    session = building.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.setCheckpointDir(f"{folder}/checkpoints")
    return session


if __name__ == "__main__":
    main()
