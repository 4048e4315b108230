"""The child process: reads one file from standard input, writes pages to standard output."""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import asdict
from typing import BinaryIO

from rongdang.capture.opening import sandbox
from rongdang.capture.opening.pages import open_pages
from rongdang.capture.opening.values import End, Message, PageFound


def send(out: BinaryIO, message: Message) -> None:
    """Frame: length of the head, head as JSON, then the page's bytes."""
    body = asdict(message)
    payload = body.pop("data", b"") if isinstance(message, PageFound) else b""
    kind = (
        "page"
        if isinstance(message, PageFound)
        else "end"
        if isinstance(message, End)
        else "trouble"
    )
    head = json.dumps({"kind": kind, "size": len(payload), **body}).encode()
    out.write(struct.pack(">I", len(head)) + head + payload)
    out.flush()


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    fences = sandbox.enter()
    if name == "--fences":
        sys.stdout.write(json.dumps(fences))
        return
    data = sys.stdin.buffer.read()
    for message in open_pages(data, name):
        send(sys.stdout.buffer, message)


if __name__ == "__main__":
    main()
