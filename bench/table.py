"""What every benchmark here shares: one table of figures, `--json`, and a house of its own to measure in."""

import contextlib
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass
class Report:
    """Figures as they are measured; `reach` is what the project wants ("" = only told)."""

    name: str
    rows: list = field(default_factory=list)

    def add(self, figure, measured, unit="", *, most=None, least=None):
        ok = None
        if most is not None:
            ok = measured is not None and measured <= most
        if least is not None:
            ok = measured is not None and measured >= least
        reach = f"≤ {most:g}" if most is not None else f"≥ {least:g}" if least is not None else ""
        self.rows.append({"figure": figure, "reach": reach, "measured": measured, "unit": unit, "ok": ok})
        return measured

    def show(self, as_json):
        if as_json:
            print(json.dumps({"bench": self.name, **machine(), "figures": self.rows}, ensure_ascii=False, indent=1))
        else:
            print(f"{self.name}: {machine()['day']}, {machine()['machine']}")
            print(f"{'figure':62}{'reach':>10}{'measured':>13}  verdict")
            for row in self.rows:
                value = row["measured"]
                shown = "-" if value is None else f"{value:.3g}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"
                verdict = {None: "", True: "reached", False: "missed"}[row["ok"]]
                print(f"{row['figure']:62}{row['reach']:>10}{shown + ' ' + row['unit']:>13}  {verdict}")
        return 1 if any(row["ok"] is False for row in self.rows) else 0


def machine():
    cores = len(os.sched_getaffinity(0))
    return {"day": date.today().isoformat(), "machine": f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"}


def house(kept="", **environment):
    """A database, keys and objects of its own, Django set up in it; thrown away at the end (`cleanup`).

    `kept` is a folder that stays instead, made where it is not there and brought up to date; answers None.
    """
    folder = None if kept else tempfile.TemporaryDirectory(prefix="rongdang-bench-", ignore_cleanup_errors=True)
    place = Path(folder.name if folder else kept).resolve()
    place.mkdir(parents=True, exist_ok=True)
    os.environ.update(RONGDANG_VAR=str(place), DJANGO_SETTINGS_MODULE="rongdang.config.settings", **environment)
    for name in ("RONGDANG_KEYS", "RONGDANG_OBJECTS", "RONGDANG_SEALED", "RONGDANG_WATCH"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    return folder


def tree(pid):
    """The process and all below it."""
    found, at = [pid], 0
    while at < len(found):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it, or a thread, has ended meanwhile
            for task in Path(f"/proc/{found[at]}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        at += 1
    return found


def p95(values):
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def shared():
    """Real scans, when they lie beside the project."""
    folder = Path(os.environ.get("RONGDANG_SHARED", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        sys.exit(f"no scans in {folder} (RONGDANG_SHARED names another place)")
    return folder
