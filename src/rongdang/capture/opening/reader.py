"""The parent's side: hand the child its file piece by piece, take its pages, say so if it dies."""

from __future__ import annotations

import atexit
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, BinaryIO, NamedTuple

from rongdang.capture.opening.values import End, Message, PageFound, Trouble

WALL_SECONDS = 900
LARGEST_FRAME, LARGEST_HEAD = 2**30, 2**20


class Host:
    """The process that makes the children, one at a time; see `host`."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            _command("host", str(theirs.fileno())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def begin(self, order: Mapping[str, Any]) -> tuple[IO[bytes], IO[bytes]]:
        """A child for one order (`child.run`): what it is fed by, and what it writes."""
        reading, feed = os.pipe()
        pages, writing = os.pipe()
        try:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [reading, writing])
        finally:
            os.close(reading)
            os.close(writing)
            to_child, from_child = os.fdopen(feed, "wb"), os.fdopen(pages, "rb")
        return to_child, from_child

    def end_child(self) -> None:
        with suppress(OSError):
            self._orders.send(b"!")

    def child_is_gone(self) -> bool:
        """Wait for the child; False when the host itself has died."""
        with suppress(OSError):
            return self._orders.recv(1) == b"."
        return False

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._orders.close()
        self._process.wait()


_idle: list[Host] = []


@atexit.register
def _close_hosts() -> None:
    while _idle:
        _idle.pop().close()


def fences() -> dict[str, bool]:
    """Which forbidden acts were refused when they were tried in a caged child on this machine."""
    tried = subprocess.run(
        _command("trying"), capture_output=True, check=True, env=_environment(), timeout=60
    )
    found: dict[str, bool] = json.loads(tried.stdout)
    return found


def read_pages(source: BinaryIO, name: str, *, seconds: float = WALL_SECONDS) -> Iterator[Message]:
    """Pages of a file as the child finds them; always ends with `End`.

    `source` can be read from any place; neither side ever holds the whole of it, only one page. A
    child that dies or runs out of time gives a fatal `Trouble`: a half-read file is no success.
    """
    size = source.seek(0, os.SEEK_END)
    ended = False
    with child({"work": "pages", "name": name[-255:], "size": size}, seconds) as one:
        while (received := _receive(one.from_child)) is not None:
            if isinstance(received, tuple):
                answer(one.to_child, source, *received)
            else:
                ended = isinstance(received, End)
                yield received
    if not ended:
        yield Trouble(
            "parser-died",
            "打开这个文件的程序中途停了（文件可能有问题）。原文件已保存。请重新扫描或换一种格式再交。",
            "The program that opens this file stopped half-way; the file may be harmful or broken. "
            "It is kept as it came. Scan again or hand it in in another format.",
            fatal=True,
        )
        yield End(0)


class Child(NamedTuple):
    """A caged child at work; `end` may be called from any thread, also twice."""

    to_child: IO[bytes]
    from_child: IO[bytes]
    end: Callable[[], None]


@contextmanager
def child(order: Mapping[str, Any], seconds: float) -> Iterator[Child]:
    """A caged child, ended at the latest after `seconds`; its host is kept for the next file."""
    host = _living_host()
    to_child, from_child = host.begin(order)
    end = _Once(host.end_child)
    alarm = threading.Timer(seconds, end)
    alarm.daemon = True
    alarm.start()
    try:
        yield Child(to_child, from_child, end)
    finally:
        alarm.cancel()
        end()
        from_child.close()
        with suppress(BrokenPipeError):
            to_child.close()
        if host.child_is_gone():
            _idle.append(host)
        else:
            host.close()


def _living_host() -> Host:
    while _idle:
        host = _idle.pop()
        if host.is_alive():
            return host
        host.close()
    return Host()


class _Once:
    """Two threads may want the same end; it happens once."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act, self._first = act, threading.Lock()

    def __call__(self) -> None:
        if self._first.acquire(blocking=False):
            self._act()


def _command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", f"rongdang.capture.opening.{module}", *arguments]


def _environment() -> dict[str, str]:
    """Nothing of ours goes along: no keys, no settings, no passwords."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "PYTHONPATH") if key in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def answer(pipe: IO[bytes], source: BinaryIO, at: int, length: int) -> None:
    """The piece of the file the child asked for."""
    source.seek(at)
    with suppress(BrokenPipeError):  # the child stopped early; the reader says so
        while length > 0 and (piece := source.read(length)):
            pipe.write(piece)
            length -= len(piece)
        pipe.flush()


def frame(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next head and its payload; None at the end, and for what is no frame of ours."""
    size = pipe.read(4)
    if len(size) < 4:
        return None
    head = pipe.read(min(struct.unpack(">I", size)[0], LARGEST_HEAD))
    try:
        body = json.loads(head)
        length = int(body.pop("size"))
        if body["kind"] == "read":
            body["length"] = min(int(body["length"]), LARGEST_FRAME)
        payload = pipe.read(min(length, LARGEST_FRAME)) if length else b""
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # the child is not to be believed any more
    return (body, payload) if len(payload) == length else None


def _receive(pipe: IO[bytes]) -> Message | tuple[int, int] | None:
    """The next message, or the place and length of a piece the child wants."""
    received = frame(pipe)
    if received is None:
        return None
    body, payload = received
    try:
        kind = body.pop("kind")
        if kind == "read":
            return int(body["at"]), int(body["length"])
        if kind == "page":
            return PageFound(**body, data=payload)
        return End(**body) if kind == "end" else Trouble(**body)
    except (ValueError, KeyError, TypeError):
        return None
