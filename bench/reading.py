"""Class of known and of held-out titles under reading noise, from vocabulary alone; cost a page.

    python bench/reading.py [--novel FILE]     # FILE: "class<TAB>title" a line, titles of others
"""
import argparse, os, random, statistics, time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from rongdang.base.vocab.categories import scheme
from rongdang.base.vocab.fields import dictionary
from rongdang.base.vocab.titles import TitleList, all_titles
from rongdang.capture.reading.classify import judge, title_model, train
from rongdang.capture.reading.tests.papers import form
from rongdang.capture.reading.titles import PageTitle, corrected
from rongdang.capture.reading.understand import understand

HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
FOLDS = 5


def noisy(text, share, rng):
    """Each character replaced with that chance, now and then one dropped; and how surely each is read."""
    out, sure = [], []
    for c in text:
        if rng.random() < share:
            if rng.random() < 0.8:
                out.append(rng.choice(HAN))
                sure.append(rng.uniform(0.3, 1.0))
        else:
            out.append(c)
            sure.append(rng.uniform(0.9, 1.0))
    return "".join(out), sure


def body(title, share, rng):
    """Labels of the form and some of other forms, as a page would have them."""
    labels = [f for f in title.fields if f in dictionary()] + rng.sample(list(dictionary()), 4)
    return noisy("\n".join(["姓名 林长河", *labels, "填表人签名", "1962年3月5日"]), share, rng)[0]


def judged(name, title, share, rng, listed, model):
    text, sure = noisy(name, share, rng)
    best = listed.best(text, most=1)
    known, match = best[0] if best else (None, 0.0)
    text = corrected(text, sure, known, match)
    return judge(PageTitle(text, known, match, 0.9, (0, 0, 1, 1)), body(title, share, rng), model=model)


def known_titles(share):
    rng = random.Random(7)
    listed, model = TitleList(all_titles()), title_model()
    return [(name, t.category, judged(name, t, share, rng, listed, model)) for t in all_titles() for name in (t.name, *t.aliases)]


def held_out(share, seed=1):
    """Each title judged by a list and a model that never saw it, nor any of its other names."""
    rng = random.Random(seed)
    order = list(all_titles())
    rng.shuffle(order)
    found = []
    for fold in range(FOLDS):
        kept = [t for n, t in enumerate(order) if n % FOLDS != fold]
        listed, model = TitleList(kept), train(kept)
        for title in order[fold::FOLDS]:
            for name in (title.name, *title.aliases):
                found.append((name, title.category, judged(name, title, share, rng, listed, model)))
    return found


def novel(path, share):
    rng = random.Random(3)
    listed, model = TitleList(all_titles()), title_model()
    rows = [line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines() if "\t" in line]
    plain = all_titles()[0]
    return [(t, c, judged(t, plain, share, rng, listed, model)) for c, t in rows]


def tell(what, found):
    right = [j.category == c for _n, c, j in found]
    sure = [(j.confidence, j.category == c) for _n, c, j in found if j.confidence >= 0.9]
    good = statistics.mean(r for _p, r in sure) if sure else 0
    print(f"{what:34} n {len(found):4}  right {statistics.mean(right):.3f}  "
          f"said sure {len(sure) / len(found):.2f}, of these right {good:.4f}")


def cost():
    page = form("干部履历表", rows=[["籍贯", "黑岭省梧桐县", "入党时间", "1951年7月"]] * 8)
    understand([page])
    began = time.process_time()
    for _ in range(20):
        understand([page] * 5)
    print(f"understand {(time.process_time() - began) / 100:.4f} CPU-s a page")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--novel")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    began = time.process_time()
    train(all_titles())
    print(f"model made in {time.process_time() - began:.2f} CPU-s from {len(all_titles())} titles, {len(scheme('2018').entries)} classes")
    for share in (0.0, 0.03, 0.1):
        tell(f"known titles, noise {share:.0%}", known_titles(share))
    for share in (0.0, 0.03, 0.1):
        tell(f"titles held out, noise {share:.0%}", held_out(share))
    if options.novel:
        for share in (0.0, 0.03):
            tell(f"other titles, noise {share:.0%}", novel(options.novel, share))
    if options.wrong:
        for name, c, j in [*(novel(options.novel, 0.0) if options.novel else []), *held_out(0.0)]:
            if j.category != c:
                print(f"  {name}  is {c}, said {j.category} {j.confidence:.2f}")
    cost()
