"""Learn the weights of linkage without labels, then calibrate them, on the train settings only.

    python dev/linkage_model.py [--records 400000]    # writes describe/linkage/data/model.json
"""
import argparse, dataclasses, json
from pathlib import Path

from rongdang.demo.population import Population, family, settings
from rongdang.describe.linkage.batch_sql import NAMES
from rongdang.describe.linkage.engine import link
from rongdang.describe.linkage.model import CURVES, DATA, as_data, usual_model
from rongdang.describe.linkage.training import isotonic, train

SEED = 20


def people(code, records, seed=SEED):
    for copy in Population(settings(code), seed, records).copies():
        yield copy


def judged(model, code, records):
    """Curve → (weight, whether it is one person) of its pairs; without those a guard all but refuses."""
    truth = []

    def told():
        for copy in people(code, records, SEED + 1):
            truth.append(copy.truth)
            yield copy.record

    with link(told(), model) as linkage:
        rows = linkage.connection.execute(f"select first, second, weight, {', '.join(f'level_{n}' for n in NAMES)} from scored").fetchall()
    found = {name: [] for name in CURVES}
    for row in rows:
        held = [guard for guard in model.guards if guard.holds(row[3:])]
        if all(guard.most > 0.9 for guard in held):
            curve = max((guard.curve for guard in held), key=CURVES.index, default=CURVES[0])
            found[curve].append((row[2], truth[row[0]] == truth[row[1]]))
    return found


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--records", type=int, default=400_000)
    ask.add_argument("--version", default="1")
    ask.add_argument("--keep-rates", action="store_true", help="calibrate only")
    ask.add_argument("--points", type=Path, help="keep what the curves were drawn from")
    asked = ask.parse_args()
    if asked.keep_rates:
        model = usual_model()
    else:
        model = train((c.record for c in people("train-usual", asked.records)), seed=SEED, version=asked.version)
    points = {name: [] for name in CURVES}
    for code in family("train"):
        for name, found in judged(model, code, asked.records).items():
            points[name] += found
    if asked.points:
        asked.points.write_text(json.dumps(points))
    model = dataclasses.replace(model, curves={name: isotonic(found) for name, found in points.items()})
    source = f"自学所得：{'、'.join(family('train'))}，种子 {SEED}，不用标注；校准只用训练组"
    (DATA / "model.json").write_text(json.dumps({"source": source, **as_data(model)}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for name, found in points.items():
        print(f"{name}: {len(found)} pairs, {sum(true for _, true in found)} true, knots: {[k for k in model.curves[name] if k[1] > 0.3]}", flush=True)


if __name__ == "__main__":
    main()
