"""The cage tried from inside: every forbidden act is really attempted, and what succeeded is said.

Run as a program it enters the cage as a child for a file does, and writes what held as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rongdang.capture.opening import sandbox

PTRACE_ATTACH = 16
OUTSIDE = ("/etc/passwd", "/proc/1/environ", str(Path.home()), tempfile.gettempdir())


def _memory() -> None:
    bytearray(sandbox.MEMORY)


def _time() -> None:
    """The clock is the kernel's; what can be tried is to be given more of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if (soft, hard) != (sandbox.CPU_SECONDS, sandbox.CPU_SECONDS):
        return
    resource.setrlimit(resource.RLIMIT_CPU, (soft + 60, hard + 60))


def _open_files() -> None:
    held: list[int] = []
    try:
        while len(held) < 2 * sandbox.OPEN_FILES:
            held.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for one in held:
            os.close(one)


def _write() -> None:
    path = Path(tempfile.gettempdir()) / f"rongdang-cage-{os.getpid()}"
    try:
        with path.open("wb") as file:
            file.write(b"out")
    finally:
        with suppress(OSError):
            path.unlink()


def _read() -> None:
    """One way to somebody's files is enough for the fence to be down."""
    refused = 0
    for place in OUTSIDE:
        try:
            os.close(os.open(place, os.O_RDONLY))
        except OSError:
            refused += 1
    if refused == len(OUTSIDE):
        raise PermissionError


def _network() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM):
        pass


def _local_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM):
        pass


def _process() -> None:
    if os.fork() == 0:
        os._exit(0)


def _program() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def _trace() -> None:
    system = ctypes.CDLL(None, use_errno=True)
    if system.ptrace(PTRACE_ATTACH, os.getppid(), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def _signal() -> None:
    os.kill(os.getppid(), 0)


ACTS: dict[str, Callable[[], None]] = {
    "memory": _memory,
    "time": _time,
    "open_files": _open_files,
    "write": _write,
    "read": _read,
    "network": _network,
    "local_socket": _local_socket,
    "process": _process,
    "program": _program,
    "trace": _trace,
    "signal": _signal,
}


def held() -> dict[str, bool]:
    """Act → was it refused? To be called inside the cage."""
    return {name: _is_refused(act) for name, act in ACTS.items()}


def _is_refused(act: Callable[[], None]) -> bool:
    try:
        act()
    except (OSError, MemoryError, ValueError, subprocess.SubprocessError):
        return True
    return False


def main() -> None:
    """As the host does it: prepare, make a child, enter; the child tries, the parent only waits."""
    sandbox.prepare()
    pid = os.fork()
    if pid == 0:
        for kind in (signal.SIGXFSZ, signal.SIGXCPU):
            signal.signal(kind, signal.SIG_IGN)  # told as errors, so that the trial goes on
        sandbox.enter()
        sys.stdout.write(json.dumps(held()))
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
