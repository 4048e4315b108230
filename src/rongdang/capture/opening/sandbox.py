"""The child's cage: memory, time, files, and, where the kernel can, no network and no programs."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys

MEMORY = 6 * 2**30
CPU_SECONDS = 600
OPEN_FILES = 64


def enter() -> dict[str, bool]:
    """Give up what a parser never needs; says which fences stand (shown on the health page)."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with_parent()
    return {"limits": True, "no_new_privileges": _no_new_privileges(), "seccomp": _seccomp()}


def _end_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def _no_new_privileges() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return int(ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)) == 0  # PR_SET_NO_NEW_PRIVS


def _seccomp() -> bool:
    """Refuse sockets, new programs and tracing; False where libseccomp is not on the machine."""
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):
        return False
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("socket", "socketpair", "connect", "bind", "execve", "execveat", "ptrace", "fork"):
        try:
            rules.add_rule(pyseccomp.ERRNO(1), name)
        except (OSError, ValueError, RuntimeError):
            continue
    rules.load()
    return True
