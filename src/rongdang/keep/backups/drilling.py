"""A drill: a copy is made, brought back into a place of its own, compared, and thrown away.

The two officers' keys stay where they are: this one copy is encrypted to a third, made for the
drill and forgotten with it. Given an officer's identity file, the newest copy is tried as it is.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from rongdang.base.leftovers import folder_prefix, names_a_living, remove_folders
from rongdang.keep.backups import runs, secrecy
from rongdang.keep.backups.backing_up import Say, back_up
from rongdang.keep.backups.models import Run, RunKind
from rongdang.keep.backups.ports import Target
from rongdang.keep.backups.postgresql.bringing import CLUSTER
from rongdang.keep.backups.restoring import open_copy, restore


def drill(
    target: Target,
    *,
    recipients: Sequence[Any],
    identities: Sequence[Any] = (),
    place: Path | None = None,
    say: Say = print,
) -> Run:
    """Raises what the backup or the restore raises; an alarm stands then. Leaves no plain copy."""
    run = runs.begin(RunKind.DRILL, target=target.place)
    try:
        keys = list(identities)
        if not keys:
            identity, recipient = secrecy.new_identity()
            keys = [identity]
            back_up(target, recipients=[*recipients, recipient], progress=say, alone=True)
        copy = open_copy(target, identities=keys, keyring=settings.KEYRING)
        root = place or settings.VAR_DIR
        root.mkdir(parents=True, exist_ok=True)
        remove_folders(root, "drill", in_use=_is_served)
        empty = Path(tempfile.mkdtemp(prefix=folder_prefix("drill"), dir=root))
        empty.chmod(0o711)  # the account that runs a cluster passes through
        try:
            restored = restore(copy, empty, keyring=settings.KEYRING, say=say)
        finally:
            shutil.rmtree(empty, ignore_errors=True)
    except BaseException as error:
        runs.fail(run, error, alarm="drill-failed")
        raise
    run.copy = copy.name
    run.save(update_fields=["copy"])
    return runs.finish(run, {**restored.to_dict(), "offline_key": bool(identities)})


def _is_served(place: Path) -> bool:
    """Does a server that outlived its drill still run there?"""
    return names_a_living(place / CLUSTER / "postmaster.pid")
