"""A clean process that has the libraries of images loaded and gives every file a child of its own.

Starting Python and loading them anew costs more than most pages cost to check. The host never sees
a byte of a file and holds no key; what a child does to itself ends with the child.

Orders come over one socket: what to do with which files, in JSON (`child.run`), with two descriptors (what the child reads
from and writes to), then one byte when that child may end; the answer is one byte when it is gone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import Any

from PIL import Image, TiffImagePlugin  # noqa: F401 - loaded for the children

from rongdang.capture.opening import child, sandbox

LONGEST_ORDER = 1 << 16


def main() -> None:
    """Serve the socket whose descriptor is the first argument until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked for the page decides when to stop
    Image.preinit()  # its formats are loaded here once, not in every child
    sandbox.prepare()
    orders = socket.socket(fileno=int(sys.argv[1]))
    while (order := _next(orders)) is not None:
        head, (reading, writing) = order
        pid = os.fork()
        if pid == 0:
            _become_child(orders, head, reading, writing)
        os.close(reading)
        os.close(writing)
        gone = orders.recv(1) == b""
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        if gone:
            return
        orders.send(b".")


def _next(orders: socket.socket) -> tuple[dict[str, Any], tuple[int, int]] | None:
    data, descriptors, _flags, _address = socket.recv_fds(orders, LONGEST_ORDER, 2)
    if not data:
        return None
    return json.loads(data), (descriptors[0], descriptors[1])


def _become_child(orders: socket.socket, head: dict[str, Any], reading: int, writing: int) -> None:
    """Leave everything of the host behind but its loaded code; never returns."""
    code = 1
    try:
        orders.close()
        os.dup2(reading, 0)
        os.dup2(writing, 1)
        os.closerange(3, 256)
        child.run(head)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
