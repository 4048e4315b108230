"""Files of a copy into the place where they belong, and each proved there.

First all are copied and flushed, then each is read back from the medium: what is proved is what
lies there. An object is proved by opening it with its own key, which tells every byte, and by the
digests in its row; a file of the sealed store by its digest in the signed list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from rongdang.base.durable import storage_error
from rongdang.base.threads import Run, at_once
from rongdang.keep.backups import moving
from rongdang.keep.backups.comparing import ObjectCheck
from rongdang.keep.backups.manifest import Listed
from rongdang.keep.backups.ports import BackupError, Target
from rongdang.keep.backups.targets.folder import sync_file_system

EVERY = 50  # files between two words of progress
Say = Callable[[str], None]


class Fetcher:
    """Brings the listed files of a target into `place`; `check` knows the objects' rows."""

    def __init__(self, source: Target, place: Path, check: ObjectCheck, say: Say) -> None:
        self._source, self._place, self._check, self._say = source, place, check, say

    def fetch(self, parts: Sequence[Listed]) -> list[str]:
        """Names of those that are not as they were put; none of these stays. Raises StorageError.

        A file that lies there with its length, from a run cut off, is proved like the others; found
        wrong it is brought once more.
        """
        with at_once(sum(part.size for part in parts)) as run:
            there = {part.name for part in parts if self._lies(part)}
            self._copy(parts, run)
            wrong = self._wrong(parts, run, "核对 / compared")
            again = [part for part in wrong if part.name in there]
            if again:
                self._copy(again, run)
                lost = {part.name for part in self._wrong(again, run, "再核对 / compared again")}
                wrong = [part for part in wrong if part.name not in there or part.name in lost]
        return [part.name for part in wrong]

    def _copy(self, parts: Sequence[Listed], run: Run) -> None:
        for start in range(0, len(parts), EVERY):
            run(self._bring, parts[start : start + EVERY])
            self._say(f"恢复 / restored {min(start + EVERY, len(parts))}/{len(parts)}")
        try:
            sync_file_system(self._place)
        except OSError as error:
            raise storage_error(error) from error

    def _lies(self, part: Listed) -> bool:
        try:
            return (self._place / part.name).stat().st_size == part.size
        except OSError:
            return False

    def _bring(self, part: Listed) -> None:
        """What the target does not give is found missing afterwards."""
        if self._lies(part):
            return
        goal = self._place / part.name
        try:
            source = self._source.open(part.key)
        except BackupError:
            return
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            with source, goal.open("wb", buffering=0) as file:
                moving.copy(source, cast(BinaryIO, file))
        except OSError as error:
            goal.unlink(missing_ok=True)
            raise storage_error(error) from error

    def _wrong(self, parts: Sequence[Listed], run: Run, word: str) -> list[Listed]:
        found: list[Listed] = []
        for start in range(0, len(parts), EVERY):
            some = parts[start : start + EVERY]
            self._check.look_up([part.name for part in some])
            whole = run(self._whole, some)
            found += [part for part, good in zip(some, whole, strict=True) if not good]
            self._say(f"{word} {start + len(some)}/{len(parts)}")
        for part in found:
            (self._place / part.name).unlink(missing_ok=True)
        return found

    def _whole(self, part: Listed) -> bool:
        try:
            with (self._place / part.name).open("rb", buffering=0) as raw:
                file = cast(BinaryIO, raw)
                moving.let_go(file)
                if self._check.judges(part.name):
                    return self._check.holds(part.name, file)
                return moving.digest_of(file) == part.digest
        except OSError:
            return False
