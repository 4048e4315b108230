"""Bases and log that no copy in the target builds upon any more."""

from __future__ import annotations

from rongdang.keep.backups.models import Part, Run, RunState
from rongdang.keep.backups.ports import Target
from rongdang.keep.backups.postgresql.taking import AREA
from rongdang.keep.backups.retention import copies_of


def thin(target: Target) -> list[str]:
    """Remove them; their keys. A copy of whose base nothing is known here lets everything stay."""
    held = target.sizes(AREA)
    if target.append_only or not held:
        return []
    copies = copies_of(target)[0]
    runs = Run.objects.filter(target=target.place, state=RunState.DONE, copy__in=copies)
    needed = {run.copy: run.result.get("base", "") for run in runs.exclude(kind="drill")}
    bases = [key for key in held if "/base/" in key]
    if any(not needed.get(name) for name in copies) or not bases:
        return []
    stays = {*needed.values(), max(bases, key=lambda key: key.rsplit("/", 1)[-1])}
    begins: dict[str, str] = {}
    for key in stays & set(bases):
        chain, _, rest = key.partition("/base/")
        begins[chain] = min(begins.get(chain, "~"), rest.split("/")[0])
    gone = [key for key in held if key not in stays and not _follows(key, begins)]
    for key in gone:
        target.remove(key)
        Part.objects.filter(target=target.place, key=key).delete()
    return gone


def _follows(key: str, begins: dict[str, str]) -> bool:
    """Is it a piece of the log behind the first base that stays of its chain?"""
    chain, _, piece = key.partition("/log/")
    return bool(piece) and chain in begins and piece >= begins[chain]
