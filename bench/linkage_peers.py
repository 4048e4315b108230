"""Others on the records of bench/linkage.py; run by the python of an environment that has them.

    python bench/linkage_peers.py recordlinkage|dedupe RECORDS.parquet
"""
import itertools, json, random, sys, time
from collections import Counter

import pandas as pd
import pyarrow.parquet as pq
from pypinyin import lazy_pinyin


def frame(path):
    found = pq.read_table(path).to_pandas()
    found["sound"] = found["name"].map(lambda name: " ".join(lazy_pinyin(name)))
    found["number15"] = found["id_number"].map(lambda n: None if not n else n[:6] + n[8:17] if len(n) == 18 else n)
    found["year"] = found["birth"].str[:4].replace("", None)
    found["month"] = found["birth"].map(lambda text: text[:7] if len(text) >= 7 else None)
    found["day"] = found["birth"].map(lambda text: text if len(text) == 10 else None)
    for column in ("enlistment", "native_place", "sex", "unit"):
        found[column] = found[column].replace("", None)
    return found


def judged(found, pairs, began):
    truth = found["truth"].tolist()
    whole = sum(n * (n - 1) // 2 for n in Counter(truth).values())
    pairs = [(int(a), int(b)) for a, b in pairs]
    right = sum(truth[a] == truth[b] for a, b in pairs)
    precision, recall = right / max(1, len(pairs)), right / whole
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(json.dumps({"seconds of a core": time.process_time() - began, "precision": precision, "recall": recall, "F1": f1}))


def by_recordlinkage(path):
    import recordlinkage as rl

    found, began = frame(path), time.process_time()
    index, compare = rl.Index(), rl.Compare()
    for block in (["number15"], ["name", "year"], ["sound", "month"], ["name", "enlistment"]):
        index.block(block)
    candidates = index.index(found)
    for column in ("name", "sound", "year", "month", "day", "enlistment", "native_place", "sex", "unit"):
        compare.exact(column, column, label=column)
    compare.string("number15", "number15", method="levenshtein", threshold=0.85, label="number15")
    judged(found, rl.ECMClassifier().fit_predict(compare.compute(candidates, found).astype(int)), began)


def by_dedupe(path):
    """With 120 labelled pairs, which it needs."""
    import dedupe
    from dedupe import variables

    found, began = frame(path), time.process_time()
    columns = ("name", "sound", "number15", "month", "native_place", "enlistment")
    records = {i: {c: (row[c] or None) for c in columns} for i, row in found.to_dict("index").items()}
    made = dedupe.Dedupe([variables.String("name"), variables.Exact("sound"), *(variables.String(c, has_missing=True) for c in columns[2:])], num_cores=1)
    made.prepare_training(records, sample_size=1500)
    groups = [list(g) for g in found.groupby("truth").groups.values() if len(g) > 1][:60]
    draw, truth = random.Random(1), found["truth"].tolist()
    apart = [pair for pair in (draw.sample(range(len(truth)), 2) for _ in range(80)) if truth[pair[0]] != truth[pair[1]]][:60]
    made.mark_pairs({"match": [(records[g[0]], records[g[1]]) for g in groups], "distinct": [(records[a], records[b]) for a, b in apart]})
    made.train(recall=0.9)
    judged(found, (pair for ids, _ in made.partition(records, 0.5) for pair in itertools.combinations(ids, 2)), began)


if __name__ == "__main__":
    {"recordlinkage": by_recordlinkage, "dedupe": by_dedupe}[sys.argv[1]](sys.argv[2])
