"""Every figure the project wants to reach, one benchmark after the other, into docs/figures.md.

    make bench NAME=all                    hours: the sizes the figures speak of
    make bench NAME=all ARGS="--quick"     minutes: the same at a tenth of the size, printed, not written
    make bench NAME=all ARGS="--only search,idle"

Run it on a machine that does nothing else. What a benchmark gave before stays in docs/figures.md until it is
run again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "figures.md"
FULL = {
    "search": ["--pages", "500000"],
    "pages": ["--people", "20000"],
    "people": ["--people", "100000"],
    "line": ["--pages", "24", "--rival"],
    "idle": [],
    "intake": ["--pages", "10000"],
    "killed": ["--pages", "200", "--kills", "50"],
    "access": [],
    "ledger": ["--entries", "1000000"],
    "shown": [],
    "keeping": [],
    "backup": ["--gigabytes", "10"],
}
QUICK = {
    "search": ["--pages", "50000"],
    "pages": ["--people", "2000"],
    "people": ["--people", "10000"],
    "line": ["--pages", "8"],
    "idle": [],
    "intake": ["--pages", "1000"],
    "killed": ["--pages", "20", "--kills", "8"],
    "access": ["--files", "20000"],
    "ledger": ["--entries", "40000"],
    "shown": ["--pages", "20"],
    "keeping": ["--pages", "96", "--objects", "10000"],
    "backup": ["--gigabytes", "0.2"],
}
SCRIPTS = {"people": "pages"}  # the same script at another size


def run(name, options):
    script = HERE / f"{SCRIPTS.get(name, name)}.py"
    done = subprocess.run([sys.executable, str(script), *options, "--json"], stdout=subprocess.PIPE, text=True)
    try:
        return json.loads(done.stdout)
    except ValueError:
        print(f"{name} did not finish", file=sys.stderr)
        return None


def table(name, options, result):
    script = SCRIPTS.get(name, name)
    arguments = f' ARGS="{" ".join(options)}"' if options else ""
    rows = [f"`make bench NAME={script}{arguments}`, {result['day']}, {result['machine']}", "",
            "| figure | reach | measured | |", "| --- | --- | --- | --- |"]
    for row in result["figures"]:
        value = row["measured"]
        shown = "-" if value is None else f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"
        verdict = {None: "", True: "reached", False: "**missed**"}[row["ok"]]
        rows.append(f"| {row['figure'].strip()} | {row['reach']} | {shown} {row['unit']} | {verdict} |")
    return "\n".join(rows)


def write(name, text):
    page = PAGE.read_text("utf-8")
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if start not in page:
        page += f"\n## {name}\n\n{start}\n{end}\n"
    before, rest = page.split(start)
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}", "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else list(FULL)
    missed = 0
    for name in wanted:
        arguments = (QUICK if options.quick else FULL)[name]
        result = run(name, arguments)
        if result is None:
            missed += 1
            continue
        missed += sum(row["ok"] is False for row in result["figures"])
        text = table(name, arguments, result)
        print(f"\n## {name}\n\n{text}", flush=True)
        if not options.quick:
            write(name, text)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
