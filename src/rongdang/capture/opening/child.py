"""The child process: asks for pieces of a file, writes its pages or its rows to standard output."""

from __future__ import annotations

import io
import json
import struct
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from rongdang.capture.opening import sandbox
from rongdang.capture.opening.pages import open_pages
from rongdang.capture.opening.source import Remote
from rongdang.capture.opening.values import End, Message, PageFound


def send_frame(out: BinaryIO, body: Mapping[str, Any], payload: bytes = b"") -> None:
    """Frame: length of the head, head as JSON, then the payload, whose size the head tells."""
    head = json.dumps({**body, "size": len(payload)}).encode()
    out.write(struct.pack(">I", len(head)) + head + payload)
    out.flush()


def send(out: BinaryIO, message: Message) -> None:
    body = asdict(message)
    payload = body.pop("data", b"") if isinstance(message, PageFound) else b""
    kind = (
        "page"
        if isinstance(message, PageFound)
        else "end"
        if isinstance(message, End)
        else "trouble"
    )
    send_frame(out, {"kind": kind, **body}, payload)


def run(order: Mapping[str, Any]) -> None:
    """In the cage from here on: the pages of a file, or what is asked of a table."""
    if order["work"] == "table":
        # Our own code is not among what a caged child may open: it is loaded before.
        from rongdang.capture.sources.connectors import serving

        serving.prepare()
        sandbox.enter()
        serving.serve(order["files"], sys.stdin.buffer, sys.stdout.buffer)
        return
    sandbox.enter()
    source = io.BufferedReader(Remote(int(order["size"]), sys.stdout.buffer, sys.stdin.buffer))
    for message in open_pages(source, str(order["name"])):
        send(sys.stdout.buffer, message)
