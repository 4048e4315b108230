"""The child process: asks for pieces of one file, writes its pages to standard output."""

from __future__ import annotations

import io
import json
import struct
import sys
from dataclasses import asdict
from typing import BinaryIO

from rongdang.capture.opening import sandbox
from rongdang.capture.opening.pages import open_pages
from rongdang.capture.opening.source import Remote
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


def run(name: str, size: int) -> None:
    """In the cage from here on: all pages of a file of `size` bytes."""
    sandbox.enter()
    source = io.BufferedReader(Remote(size, sys.stdout.buffer, sys.stdin.buffer))
    for message in open_pages(source, name):
        send(sys.stdout.buffer, message)
