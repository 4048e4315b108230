"""For migrations: a column that was plain becomes an encrypted one, with what stands in it."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

from rongdang.base.columns.rewriting import decrypt_existing, encrypt_existing


def encrypting(app: str, model: str, *names: str) -> RunPython:
    """After the AlterField operations of these fields; backwards it opens them before those."""

    def forward(apps: Any, _schema_editor: object) -> None:
        for name in names:
            encrypt_existing(apps.get_model(app, model), name)

    def backward(apps: Any, _schema_editor: object) -> None:
        for name in names:
            decrypt_existing(apps.get_model(app, model), name)

    return RunPython(forward, backward)
