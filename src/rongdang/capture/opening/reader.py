"""The parent's side: feed the child, take its pages, and say so if it dies or hangs."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO

from rongdang.capture.opening.values import End, Message, PageFound, Trouble

WALL_SECONDS = 900
LARGEST_FRAME = 2**30


def fences() -> dict[str, bool]:
    """Which fences stand round the child on this machine."""
    found: dict[str, bool] = json.loads(
        subprocess.run(
            _command("--fences"), capture_output=True, check=True, env=_environment()
        ).stdout
    )
    return found


def read_pages(data: bytes, name: str, *, seconds: int = WALL_SECONDS) -> Iterator[Message]:
    """Pages of `data` as the child finds them; always ends with `End`.

    A child that dies or runs out of time gives a fatal `Trouble`: a half-read file is no success.
    """
    child = subprocess.Popen(
        _command(name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
    alarm = threading.Timer(seconds, child.kill)
    feeder.start()
    alarm.start()
    ended = False
    try:
        while (message := _receive(child.stdout)) is not None:
            ended = isinstance(message, End)
            yield message
    finally:
        alarm.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
    if not ended:
        yield Trouble(
            "parser-died",
            "打开这个文件的程序中途停了（文件可能有问题）。原文件已保存。请重新扫描或换一种格式再交。",
            "The program that opens this file stopped half-way; the file may be harmful or broken. "
            "It is kept as it came. Scan again or hand it in in another format.",
            fatal=True,
        )
        yield End(0)


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "rongdang.capture.opening.child", name]


def _environment() -> dict[str, str]:
    """Nothing of ours goes along: no keys, no settings, no passwords."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "PYTHONPATH") if key in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        return  # the child stopped early; the reader says so


def _receive(pipe: IO[bytes]) -> Message | None:
    size = pipe.read(4)
    if len(size) < 4:
        return None
    head = pipe.read(struct.unpack(">I", size)[0])
    try:
        body = json.loads(head)
    except ValueError:
        return None
    kind, length = body.pop("kind"), body.pop("size")
    if length > LARGEST_FRAME:
        return None
    payload = pipe.read(length)
    if len(payload) < length:
        return None
    if kind == "page":
        return PageFound(**body, data=payload)
    return End(**body) if kind == "end" else Trouble(**body)
