"""One person, one record: time, memory, precision and recall on settings nothing was tuned on.

    python bench/linkage.py [--records 100000] [--settings test-usual …] [--threads 2] [--newcomers 300] [--kinds]
    python bench/linkage.py --peers PYTHON [--records 10000]   # recordlinkage and dedupe of another environment
"""
import argparse, hashlib, itertools, json, multiprocessing, resource, sqlite3, statistics, subprocess, sys, tempfile, time
from collections import Counter
from pathlib import Path

from table import Report, p95

PEERS = Path(__file__).with_name("linkage_peers.py")
LISTS = ("former_names", "kin")


def written(path, code, records, seed):
    """The population as a file; made in a process of its own, whose memory is not counted."""
    import pyarrow as pa, pyarrow.parquet as pq

    from rongdang.demo.population import Population, settings
    from rongdang.describe.linkage.records import Record

    copies, writer = iter(Population(settings(code), seed, records).copies()), None
    while chunk := list(itertools.islice(copies, 50_000)):
        columns = {f: [getattr(c.record, f) for c in chunk] for f in Record._fields}
        columns |= {f: [list(v) for v in columns[f]] for f in LISTS}
        columns["truth"] = [c.truth for c in chunk]
        columns["errors"] = pa.array([list(c.errors) for c in chunk], type=pa.list_(pa.string()))
        columns |= {f: pa.array(columns[f], type=pa.list_(pa.string())) for f in LISTS}
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def made(path, code, records, seed):
    process = multiprocessing.get_context("spawn").Process(target=written, args=(path, code, records, seed))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit("the population could not be made")


def read(path):
    """The records of the file, one by one."""
    import pyarrow.parquet as pq

    from rongdang.describe.linkage.records import Record

    for batch in pq.ParquetFile(path).iter_batches(50_000, columns=list(Record._fields)):
        for row in zip(*(batch.column(f).to_pylist() for f in Record._fields)):
            yield Record(*row[:2], tuple(row[2]), *row[3:8], tuple(row[8]), row[9])


def column(path, name):
    import pyarrow.parquet as pq

    return pq.read_table(path, columns=[name])[name].to_pylist()


def twos(counts):
    return sum(n * (n - 1) // 2 for n in counts.values())


def of_groups(groups, truth):
    both = twos(Counter(zip(groups, truth)))
    return both / max(1, twos(Counter(groups))), both / twos(Counter(truth))


def f1(precision, recall):
    return 2 * precision * recall / max(precision + recall, 1e-9)


def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def linked(report, path, options, code):
    from rongdang.describe.linkage.engine import link
    from rongdang.describe.linkage.model import usual_model

    model = usual_model()
    began, used = time.monotonic(), spent()
    with link(read(path), model, threads=options.threads) as linkage:
        groups = linkage.clusters()
        seconds, cpu = time.monotonic() - began, spent() - used
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        truth = column(path, "truth")
        whole = twos(Counter(truth))
        name = f"{code}, {len(truth):,}"
        right = wrong = sure = sure_wrong = 0
        for first, second, chance in linkage.connection.execute("select first, second, probability from scored where probability >= ?", [model.doubtful]).fetchall():
            same = truth[first] == truth[second]
            right, wrong = right + same, wrong + (not same)
            if chance >= model.certain:
                sure, sure_wrong = sure + same, sure_wrong + (not same)
        large = len(truth) >= 1_000_000
        report.add(f"{name}: seconds", seconds, "s", **({"most": 60} if large else {}))
        report.add(f"{name}: seconds of a core", cpu, "s")
        report.add(f"{name}: memory", memory, "GiB", **({"most": 2.5} if large else {}))
        [(pairs,)] = linkage.connection.execute("select count(*) from candidates").fetchall()
        report.add(f"{name}: candidate pairs a record", pairs / len(truth))
        report.add(f"{name}: pairs F1", f1(right / max(1, right + wrong), right / whole), least=0.98)
        precision, recall = of_groups(groups, truth)
        report.add(f"{name}: clusters precision", precision)
        report.add(f"{name}: clusters recall", recall)
        report.add(f"{name}: clusters F1", f1(precision, recall), least=0.98)
        report.add(f"{name}: certain pairs, precision", sure / max(1, sure + sure_wrong), least=0.9999)
        report.add(f"{name}: certain pairs, wrong", sure_wrong)
        report.add(f"{name}: certain pairs, recall", sure / whole)
        precision, recall = of_groups(linkage.clusters(model.certain), truth)
        report.add(f"{name}: automatic merges, precision", precision, least=0.9999)
        report.add(f"{name}: automatic merges, recall", recall, least=0.80)
        if options.kinds:
            by_kind(report, linkage, model, truth, column(path, "errors"), name)


def by_kind(report, linkage, model, truth, errors, name):
    """How many of the pairs with an error of a kind are found, and how many are certain."""
    rows = linkage.connection.execute("select first, second, probability from scored").fetchall()
    found = {(first, second): chance for first, second, chance in rows}
    seen, asked, sure = Counter(), Counter(), Counter()
    start = 0
    for end in range(1, len(truth) + 1):
        if end < len(truth) and truth[end] == truth[start]:
            continue
        for second in range(start + 1, end):
            for first in range(start, second):
                chance = found.get((first, second), 0.0)
                for kind in {*errors[first], *errors[second]} or {"none"}:
                    seen[kind] += 1
                    asked[kind] += chance >= model.doubtful
                    sure[kind] += chance >= model.certain
        start = end
    for kind in sorted(seen):
        report.add(f"{name}: found of {seen[kind]:,} with {kind}", asked[kind] / seen[kind])
        report.add(f"{name}: certain of them", sure[kind] / seen[kind])


def hashed(key):
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def newcomers(report, path, options, code):
    """Records one by one against all others, found by their keys in an indexed table."""
    from rongdang.describe.linkage.keys import keys_of
    from rongdang.describe.linkage.model import usual_model
    from rongdang.describe.linkage.newcomer import candidates, matches
    from rongdang.describe.linkage.records import prepare
    from rongdang.describe.linkage.scoring import Stock, share

    truth, model = column(path, "truth"), usual_model()
    apart = max(2, len(truth) // options.newcomers)
    new, shares = [], {name: Counter() for name in ("name", "sound", "place")}
    store = sqlite3.connect(str(Path(path).with_suffix(".sqlite")))
    store.executescript("create table held (key integer, record integer); create table records (record integer primary key, body text)")
    for number, record in enumerate(read(path)):
        if number % apart == apart - 1:
            new.append((number, record))
            continue
        one = prepare(record)
        store.executemany("insert into held values (?, ?)", [(hashed(key), number) for key in keys_of(one)])
        store.execute("insert into records values (?, ?)", (number, json.dumps(record)))
        for name, counted in shares.items():
            counted[getattr(one, name)] += 1
    store.execute("create index by_key on held (key, record)")
    store.commit()
    size = len(truth) - len(new)
    # the prior of a stock of this kind: about two thirds of a record's like among all others
    stock = Stock(2 * 0.65 / size, lambda name, value: share(name, shares[name][value] + 1, size))

    def bearers(key, most):
        return [str(row[0]) for row in store.execute("select record from held where key = ? limit ?", (hashed(key), most))]

    def load(number):
        body = json.loads(store.execute("select body from records where record = ?", (int(number),)).fetchone()[0])
        return prepare(type(new[0][1])(number, body[1], tuple(body[2]), *body[3:8], tuple(body[8]), body[9]))

    seconds, right, wrong = [], 0, 0
    for number, record in new:
        began = time.process_time()
        one = prepare(record)
        best = list(matches(one, map(load, sorted(candidates(one, bearers))), model, stock))
        seconds.append(time.process_time() - began)
        for match in best:
            same = truth[int(match.id)] == truth[number]
            right, wrong = right + same, wrong + (not same)
    store.close()
    name = f"{code}, one new against {size:,}"
    report.add(f"{name}: of {len(new)}, median", statistics.median(seconds) * 1000, "ms")
    report.add(f"{name}: p95, processor time", p95(seconds) * 1000, "ms", most=200)
    report.add(f"{name}: precision of what is shown", right / max(1, right + wrong))


def peers(report, python, folder, options):
    """The same records, the same blocks, by others; a peer that does not run is told as such."""
    path = str(Path(folder) / "peers.parquet")
    made(path, options.settings[0], options.records, 5)
    linked(report, path, options, options.settings[0])
    for peer in ("recordlinkage", "dedupe"):
        done = subprocess.run([python, str(PEERS), peer, path], capture_output=True, text=True, timeout=3600)
        if done.returncode:
            print(f"{peer} did not run: {done.stderr.strip().splitlines()[-1]}")
            continue
        told = json.loads(done.stdout.strip().splitlines()[-1])
        for figure in ("seconds of a core", "precision", "recall", "F1"):
            report.add(f"{peer}: {figure}", told[figure])


def main():
    from rongdang.demo.population import family

    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--records", type=int, default=100_000)
    ask.add_argument("--settings", nargs="+", default=family("test"))
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--newcomers", type=int, default=0)
    ask.add_argument("--kinds", action="store_true", help="recall by kind of error")
    ask.add_argument("--peers", help="python of an environment with recordlinkage, dedupe and pypinyin")
    ask.add_argument("--json", action="store_true")
    options = ask.parse_args()
    report = Report("linkage")
    with tempfile.TemporaryDirectory(prefix="rongdang-linkage-") as folder:
        if options.peers:
            peers(report, options.peers, folder, options)
        else:
            for code in options.settings:
                path = str(Path(folder) / f"{code}.parquet")
                made(path, code, options.records, options.seed)
                if options.newcomers:
                    newcomers(report, path, options, code)
                else:
                    linked(report, path, options, code)
    sys.exit(report.show(options.json))


if __name__ == "__main__":
    main()
