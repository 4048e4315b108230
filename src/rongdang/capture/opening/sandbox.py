"""The child's cage: memory, time, files, and, where the kernel can, no network, programs or files.

What it is worth is not believed but tried: `trying` commits the forbidden acts in a caged child.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from rongdang.capture.opening import landlock

# Asked for here, where programs may still be run: it looks for its library with one.
try:
    import pyseccomp
except (ImportError, OSError, RuntimeError):
    pyseccomp = None

MEMORY = 4 * 2**30
CPU_SECONDS = 600
OPEN_FILES = 64
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION_3 = 0x20080522
CLONE_THREAD = 0x10000
EPERM, ENOSYS = 1, 38

# Calls that no parser of files needs. `clone` without CLONE_THREAD is refused beside these.
FORBIDDEN = (
    # network and other processes' doors
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    # new programs and processes
    *("execve", "execveat", "fork", "vfork"),
    # other processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "kill", "tkill", "pidfd_open"),
    *("pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "kcmp"),
    # limits and rights
    *("setrlimit", "prlimit64", "setuid", "setgid", "setresuid", "setresgid", "capset"),
    *("personality", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2"),
    # the kernel's deep ends
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "init_module", "finit_module"),
    *("kexec_load", "open_by_handle_at", "name_to_handle_at", "memfd_create"),
    # changes of the file system, where landlock is not
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink"),
    *("symlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "chown", "fchown"),
    *("fchownat", "truncate", "mknod", "mknodat", "setxattr", "inotify_init1", "fanotify_init"),
)


def enter() -> dict[str, bool]:
    """Give up what a parser never needs; says which fences could be put up."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if not sys.platform.startswith("linux"):
        return {"limits": True, "no_new_privileges": False, "landlock": False, "seccomp": False}
    system = ctypes.CDLL(None)
    system.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    system.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _drop_capabilities(system)
    return {
        "limits": True,
        "no_new_privileges": int(system.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0,
        "landlock": landlock.restrict(readable()),
        "seccomp": _seccomp(),
    }


def prepare() -> None:
    """What every child would have to work out anew, once in the host."""
    readable()
    _rules()


@cache
def readable() -> list[Path]:
    """Where code and fonts lie; the archive, its keys and everybody's files are not among it."""
    paths = sysconfig.get_paths()
    code = [Path(paths[key]) for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    system = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/usr/share/fonts")
    devices = ("/dev/null", "/dev/urandom")
    return [*code, Path(__file__).parent, *map(Path, system), *map(Path, devices)]


def _drop_capabilities(system: ctypes.CDLL) -> None:
    """Of root as of anybody: no right over files and processes that are not his."""
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    system.capset(ctypes.byref(head), ctypes.byref((ctypes.c_uint32 * 6)()))


def _seccomp() -> bool:
    """Refuse what is forbidden; False where libseccomp is not on the machine."""
    rules = _rules()
    if rules is None:
        return False
    # abort() signals itself; nobody else.
    rules.add_rule(pyseccomp.ERRNO(EPERM), "tgkill", pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
    rules.load()
    return True


@cache
def _rules() -> Any:
    if pyseccomp is None:
        return None
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in FORBIDDEN:
        try:
            rules.add_rule(pyseccomp.ERRNO(EPERM), name)
        except (OSError, ValueError, RuntimeError):
            continue  # this kind of machine has no such call
    # A thread is allowed, a process is not; clone3 hides its flags, so the C library is sent to clone.
    rules.add_rule(pyseccomp.ERRNO(ENOSYS), "clone3")
    flags = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0)
    rules.add_rule(pyseccomp.ERRNO(EPERM), "clone", flags)
    return rules
