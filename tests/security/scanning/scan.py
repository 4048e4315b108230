"""Run sqlmap and wapiti against a small house of ours, and against a page with planted faults.

    python -m tests.security.scanning.scan [--sqlmap PATH] [--wapiti PATH] [--out FILE]

Both are tools of whoever scans, in an environment of their own; they are no part of the product.
Ends with 0 when each found the planted faults and nothing in ours, 1 otherwise, 2 when one is missing.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.security.scanning import control, house

INJECTABLE = re.compile(r"^Parameter: .*$", re.MULTILINE)
SQLMAP = ["--batch", "--level=1", "--risk=1", "--technique=BEUS", "--dbms=sqlite", "--threads=1"]
SQLMAP += ["--flush-session", "--disable-coloring", "--ignore-code=401,403,404,422", "-v", "0"]
WAPITI = ["-m", "sql,xss,exec,file,redirect", "--flush-session", "--no-bugreport", "-f", "json"]
WAPITI += ["--max-scan-time", "100", "--max-attack-time", "40", "-d", "3", "-v", "0"]
WAPITI += ["--max-links-per-page", "30", "--max-parameters", "6"]
# sqlmap looks at what is marked with * where it is no parameter of its own accord.
PAGES = ["/search/?q=1&unit=1&category=1&year=1962", "/people/?unit=0001&state=open&after=0001%7C1"]
OPERATIONS = [
    "/api/v1/search?q=1&unit=1&category=1&year=1962",
    "/api/v1/people?unit=0001&state=open&after=0001%7C1",
    "/api/v1/people/suggestions?q=1",
    "/api/v1/people/{person}*/file",
    "/api/v1/ledger/consistency?first=1&second=2",
]
BODIES = {"/api/v1/openings": '{"person":"{person}","purpose":"other","note":"1"}'}
FORMS = {"/login/": "username=zhou&password=x"}


def sqlmap(tool, address, folder, *more):
    """The parameters it calls injectable."""
    command = [tool, "-u", address, f"--output-dir={folder}", *SQLMAP, *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    return INJECTABLE.findall(done.stdout)


def wapiti(tool, address, folder, *more):
    """{kind of fault: places}."""
    report = folder / "wapiti.json"
    command = [tool, "-u", address, "-o", str(report), "--store-session", str(folder), *WAPITI]
    subprocess.run([*command, *more], capture_output=True, check=False, timeout=900)
    found = json.loads(report.read_text(encoding="utf-8"))
    kinds = {**found["vulnerabilities"], **found["anomalies"]}
    return {kind: [one["path"] for one in rows] for kind, rows in kinds.items() if rows}


def of_control(tools, folder):
    address, counted = house.serve(control.application)
    told = {"sqlmap": sqlmap(tools.sqlmap, f"{address}/find?name=a", folder)}
    told["sqlmap requests"] = counted.requests
    told["wapiti"] = wapiti(tools.wapiti, f"{address}/", folder)
    return told | {"wapiti requests": counted.requests - told["sqlmap requests"]}


def of_ours(tools, folder):
    made = house.build(folder / "var")
    address, counted = house.serve(made.application)
    cookie = f"Cookie: sessionid={made.session}; csrftoken={made.csrf}"
    bearer = f"Authorization: Bearer {made.token}"
    found = []
    for path in PAGES:
        found += sqlmap(tools.sqlmap, address + path, folder, "-H", cookie)
    for path in OPERATIONS:
        target = address + path.replace("{person}", made.person)
        found += sqlmap(tools.sqlmap, target, folder, "-H", bearer)
    for path, body in BODIES.items():
        sent = body.replace("{person}", made.person)
        kind = "Content-Type: application/json"
        found += sqlmap(
            tools.sqlmap, address + path, folder, f"--data={sent}", "-H", bearer, "-H", kind
        )
    for path, body in FORMS.items():
        found += sqlmap(tools.sqlmap, address + path, folder, f"--data={body}")
    told = {"sqlmap": found, "sqlmap requests": counted.requests}
    leave = ("-x", f"{address}/logout/", "-x", f"{address}/password/")
    told["wapiti"] = wapiti(tools.wapiti, f"{address}/", folder, "-H", cookie, *leave)
    told["wapiti requests"] = counted.requests - told["sqlmap requests"]
    return told | {"answers 5xx": counted.failed}


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sqlmap", default="sqlmap")
    asked.add_argument("--wapiti", default="wapiti")
    asked.add_argument("--out", type=Path)
    tools = asked.parse_args()
    missing = [one for one in (tools.sqlmap, tools.wapiti) if not shutil.which(one)]
    if missing:
        print("not installed:", *missing, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as made:
        told = {"control": of_control(tools, Path(made)), "ours": of_ours(tools, Path(made))}
    text = json.dumps(told, indent=1, ensure_ascii=False)
    print(text)
    if tools.out:
        tools.out.write_text(text, encoding="utf-8")
    seen = told["control"]["sqlmap"] and {"SQL Injection", "Reflected Cross Site Scripting"} & set(
        told["control"]["wapiti"]
    )
    quiet = not told["ours"]["sqlmap"] and not told["ours"]["wapiti"]
    return 0 if seen and quiet and not told["ours"]["answers 5xx"] else 1


if __name__ == "__main__":
    sys.exit(main())
