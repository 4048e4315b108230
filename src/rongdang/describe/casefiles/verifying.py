"""`rongdang verify`: everything is read again; what is wrong is named, where it lies and in words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.conf import settings

from rongdang.base.columns import rewriting
from rongdang.base.ledger import queries as ledger
from rongdang.describe.casefiles import catalogue_checks, sealed_checks
from rongdang.describe.casefiles.findings import Finding
from rongdang.describe.casefiles.models import CaseFile
from rongdang.keep.objects import queries as objects
from rongdang.keep.objects.models import StoredObject

Say = Callable[[str], None]
EVERY = 2.0  # seconds between two words of progress


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at, and every finding."""

    looked_at: dict[str, int]
    findings: tuple[Finding, ...]
    read_objects: bool

    @property
    def ok(self) -> bool:
        return not self.findings

    def to_dict(self) -> dict[str, object]:
        return {
            "ok": self.ok,
            "looked_at": self.looked_at,
            "content_read": self.read_objects,
            "findings": [asdict(finding) for finding in self.findings],
        }

    def to_text(self) -> str:
        names = {"objects": "对象", "ledger": "账", "files": "卷", "sealed": "入库对象"}
        looked = "，".join(f"{names[key]} {count}" for key, count in self.looked_at.items())
        if self.ok:
            how = "逐字节重读，" if self.read_objects else "没有重读内容，"
            return f"核对完毕：{looked}。{how}没有发现问题。/ Verified: nothing is wrong."
        counted = Counter(finding.area for finding in self.findings)
        lines = [
            f"核对完毕：{looked}。发现 {len(self.findings)} 处问题 / {len(self.findings)} findings:"
        ]
        lines += [
            f"  [{one.area}/{one.code}] {one.name}：{one.zh} / {one.en}" for one in self.findings
        ]
        lines.append("合计 / in all: " + "，".join(f"{area} {n}" for area, n in counted.items()))
        return "\n".join(lines)


def verify_all(*, read_objects: bool, progress: Say | None = None) -> VerifyReport:
    """Objects (when `read_objects`), ledger, catalogue, sealed store.

    Reads oldest-verified objects first: stopped and started again, it goes on with the rest.
    """
    say = _Paced(progress)
    findings = [
        *(_objects(say) if read_objects else ()),
        *_ledger(say),
        *_columns(),
        *catalogue_checks.check(say, read_text=read_objects),
        *sealed_checks.check(settings.SEALED_ROOT, read_content=read_objects, say=say),
    ]
    looked_at = {
        "objects": StoredObject.objects.filter(shredded_at=None).count() if read_objects else 0,
        "ledger": ledger.size(),
        "files": CaseFile.objects.count(),
        "sealed": CaseFile.objects.filter(version__gt=0).count(),
    }
    return VerifyReport(looked_at, tuple(findings), read_objects)


class _Paced:
    """Passes on a word of progress at most every few seconds."""

    def __init__(self, say: Say | None) -> None:
        self._say, self._last = say, 0.0

    def __call__(self, text: str) -> None:
        if self._say is not None and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            self._say(text)


def _objects(say: Say) -> Iterator[Finding]:
    def progress(done: int, total: int) -> None:
        say(f"对象 / objects {done}/{total}")

    for one in objects.verify_objects(progress):
        yield Finding("objects", one.code, one.name, one.zh, one.en)


def _columns() -> Iterator[Finding]:
    """Encrypted values that do not open in their row; what they say is then compared with nothing."""
    for column, key, _said in rewriting.misplaced():
        yield Finding(
            "columns",
            "sealed-value",
            f"{column} {key}",
            "加密的这一项打不开：被改动，或是从别处移来的。",
            "This encrypted value does not open: it was changed, or moved here from elsewhere.",
        )


def _ledger(say: Say) -> Iterator[Finding]:
    report = ledger.verify(progress=lambda done: say(f"账 / ledger {done}"))
    for fault in report.faults:
        yield Finding("ledger", fault.code, str(fault.seq), fault.zh, fault.en)
