"""The child's side: answers what the parent asks of one table, one order a line, rows in blocks."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from rongdang.base.errors import DomainError
from rongdang.capture.opening.child import send_frame
from rongdang.capture.opening.source import Remote
from rongdang.capture.sources import encodings
from rongdang.capture.sources.connectors import delivered
from rongdang.capture.sources.connectors.blocks import Block
from rongdang.capture.sources.connectors.kinds import reader_of
from rongdang.capture.sources.connectors.reading import Part, Reader


def prepare() -> None:
    """What lies in files of ours, read while they can be opened."""
    encodings.prepare()
    delivered.prepare()


def serve(files: Sequence[Sequence[Any]], orders: BinaryIO, out: BinaryIO) -> None:
    """Answer until the parent closes its end. `files`: name and size of each, the table first."""
    parts = [
        Part(name, size, io.BufferedReader(Remote(size, out, orders, file=number), 1 << 18))
        for number, (name, size) in enumerate(files)
    ]
    reader: Reader | None = None
    while line := orders.readline():
        order = json.loads(line)
        try:
            reader = reader or reader_of(parts)
            if order["act"] == "tables":
                _send_tables(reader, out)
            else:
                for block in reader.blocks(order["table"], order["after"]):
                    _send_block(block, out)
            send_frame(out, {"kind": "done"})
        except DomainError as error:
            send_frame(out, {"kind": "refused", **_told(error)})


def _send_tables(reader: Reader, out: BinaryIO) -> None:
    for info in reader.tables():
        send_frame(out, {"kind": "table"}, json.dumps(asdict(info)).encode())


def _send_block(block: Block, out: BinaryIO) -> None:
    head: dict[str, Any] = {"kind": "rows", "first": block.first}
    if block.numbers:
        head["numbers"] = list(block.numbers)
    if block.oddities:
        head["oddities"] = {place: asdict(one) for place, one in block.oddities.items()}
    send_frame(out, head, block.text.encode("utf-8", errors="replace"))


def _told(error: DomainError) -> dict[str, Any]:
    names = ("zh", "en", "hint_zh", "hint_en", "code", "status")
    return {name: getattr(error, name) for name in names}
