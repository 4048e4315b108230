"""migrate, serve, work, demo: keeping the house running."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.cli.jobs import work_off

LOOK_SECONDS = 2.0  # between two looks into the inbox
HOUR = 3600.0
MINUTE = 60.0
CHANGES_SECONDS = 5.0  # between two looks for what subscribers were not told
GIVE_WAY, MOST_GIVEN = 0.002, 0.01  # seconds: for each open connection, and at most
TIDY_PAUSE = 0.2  # between two steps of merging the index
PARENT_SECONDS = 0.2  # between two looks whether the server is still there
SERVER = "RONGDANG_SERVER"  # process id of the server a worker stands beside
DOOR = "RONGDANG_DOOR"  # number of the open port the worker answers at too
THREADS = 4  # of one process; two processes answer


def django_only() -> None:
    """Settings and models, without looking at the database."""
    import django

    django.setup()


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up to date; safe to repeat and to interrupt."""
    from django.conf import settings
    from django.core.management import call_command

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    settings.WATCH_ROOT.mkdir(parents=True, exist_ok=True)
    django_only()
    call_command("migrate", verbosity=0, interactive=False)
    return 0


def migrated(options: argparse.Namespace) -> int:
    """The command: as `migrate`, and says so to programs."""
    migrate(options)
    if options.json:
        _say(json.dumps({"ok": True}))
    return 0


def demo(options: argparse.Namespace) -> int:
    """Load the invented units, people and scans; what is there already is left alone."""
    migrate(options)
    from rongdang.demo import loading

    held = loading.load(people=options.people, stacks=options.stacks, say=_sayer(options))
    if options.json:
        _say(json.dumps({"ok": True, **held}))
    return 0


def work(options: argparse.Namespace) -> int:
    """Run jobs until told to stop (or, with --once, until none is left); look after the inbox.

    Beside a server it answers at the server's port too: an interpreter uses one core, two use two.
    """
    django_only()
    from django.conf import settings

    from rongdang.base.jobs.worker import run_worker

    processes = options.processes or settings.WORKERS
    if options.once:
        run = work_off(processes)
        _say(json.dumps(run.to_dict()) if options.json else run.to_text())
        return run.code
    _refuse_rollback()
    parent = int(os.environ.get(SERVER, "0")) or os.getppid()
    number = os.environ.pop(DOOR, "")
    door = socket.socket(fileno=int(number)) if number else None
    threading.Thread(target=_end_with, args=(parent, door), daemon=True).start()
    threading.Thread(target=_try_cage, daemon=True).start()
    threading.Thread(target=_look_after_inbox, daemon=True).start()
    threading.Thread(target=_keep_heads, daemon=True).start()
    threading.Thread(target=_mind_copies, daemon=True).start()
    threading.Thread(target=_tidy_index, daemon=True).start()
    threading.Thread(target=_send_changes, daemon=True).start()
    threading.Thread(target=_read_sources, daemon=True).start()
    if door is None:
        return run_worker(concurrency=processes)
    server = _server(door)
    threading.Thread(target=_answer, args=(server,), daemon=True).start()
    try:
        return run_worker(concurrency=processes)
    finally:
        server.task_dispatcher.shutdown()  # what is being answered is answered to its end


def _answer(server: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # its port was closed
        server.run()


def _end_with(parent: int, door: socket.socket | None) -> None:
    """When the server is gone the worker ends, and leaves its port at once to the next server."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    if door is not None:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
    os.kill(os.getpid(), signal.SIGTERM)


def _try_cage() -> None:
    """Once, at the start: the forbidden acts in a caged child; what succeeds is an alarm."""
    from django.db import close_old_connections

    from rongdang.capture.batches.cage import report_cage
    from rongdang.capture.opening.reader import fences

    report_cage(fences())
    close_old_connections()


def _look_after_inbox() -> None:
    """Take in what scanners put into the inbox.

    Should looking fail for good, the worker ends too, and its server starts another.
    """
    try:
        while True:
            _watch_inbox()
            time.sleep(LOOK_SECONDS)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _keep_heads() -> None:
    """Sign the log in short intervals while it grows, and take each head outside."""
    from django.conf import settings
    from django.db import Error, close_old_connections

    from rongdang.base.ledger.anchoring import anchor

    try:
        while True:
            time.sleep(settings.LEDGER_HEAD_SECONDS)
            close_old_connections()
            try:
                for failure in anchor().failures:
                    _say(f"{failure.zh} / {failure.en}")
            except Error as error:  # the database is busy: the next round signs what grew meanwhile
                _say(f"账本头稍后再签 / the head is signed later: {error}")
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _send_changes() -> None:
    """Tell those who subscribed what changed; whoever does not answer is asked again later."""
    from django.db import Error, close_old_connections

    from rongdang.provide.changes.delivering import send_due

    while True:
        time.sleep(CHANGES_SECONDS)
        close_old_connections()
        with contextlib.suppress(Error):  # the database is busy: nothing was marked as sent
            send_due()


def _read_sources() -> None:
    """Start the readings of sources whose time has come."""
    from django.db import Error, close_old_connections

    from rongdang.capture.sources.sync import start_due

    while True:
        time.sleep(MINUTE)
        close_old_connections()
        with contextlib.suppress(Error):  # the database is busy: the next minute starts them
            start_due()


def _mind_copies() -> None:
    """Every hour: is the last backup, drill or scrub too old? Then the officers are told. Once a day the
    quality of every unit's data is measured.
    """
    from django.db import Error, close_old_connections

    from rongdang.keep.backups.queries import raise_what_is_late
    from rongdang.provide.quality.measuring import measure_daily

    while True:
        time.sleep(HOUR)
        close_old_connections()
        with contextlib.suppress(Error):  # the database is busy: the next hour tells
            raise_what_is_late()
            measure_daily()


def _tidy_index() -> None:
    """Every hour: what was put into the search index since is merged, so that questions stay quick."""
    from django.db import Error, close_old_connections

    from rongdang.provide.search.services import tidy_index

    while True:
        time.sleep(HOUR)
        close_old_connections()
        with contextlib.suppress(Error):  # the database is busy: the next hour merges
            tidy_index(TIDY_PAUSE)


def _refuse_rollback() -> None:
    """Raises RollbackError: the database is older than a head kept outside, and nobody agreed to that."""
    from rongdang.base.ledger.rollback import require_no_rollback

    for silent in require_no_rollback():
        _say(f"{silent.zh} / {silent.en}")


def _watch_inbox() -> None:
    """An empty inbox costs no import and no query."""
    from django.conf import settings
    from django.db import Error, close_old_connections

    if all(path.name == "已收" for path in settings.WATCH_ROOT.glob("*/*")):
        return
    from rongdang.capture.batches.folders import watch_once

    close_old_connections()
    try:
        watch_once(settings.WATCH_ROOT)
    except Error as error:  # the database is busy: the files wait where they are
        _say(f"收件文件夹稍后再看 / the inbox is looked at again later: {error}")


def serve(options: argparse.Namespace) -> int:
    """Serve the pages on this machine, with one worker beside that answers too and does the jobs."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, interrupt)
    say = _sayer(options)
    if options.demo:
        # Invented people with a printed password: a second factor is asked for but may be put off.
        os.environ.setdefault("RONGDANG_SECOND_FACTOR", "ask")
    door = _bind(options)
    migrate(options)
    _refuse_rollback()
    address = f"http://{options.host}:{options.port}"
    if options.demo:
        from rongdang.demo import loading

        loading.load(people=options.people, stacks=options.stacks, say=say)
        say(loading.welcome(address))
    server = _server(door)
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping, door))
    try:
        keeper.start()
        seconds = time.monotonic() - started
        say(f"已就绪 / ready in {seconds:.1f} s: {address}  （Ctrl+C 停 / stops）")
        if options.json:
            _say(json.dumps({"ok": True, "address": address, "seconds": round(seconds, 1)}))
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        say("正在停：手上的一页读完就停 / stopping: the page in hand is read to its end")
        stopping.set()
        server.close()
        keeper.join()
    return 0


def _bind(options: argparse.Namespace) -> socket.socket:
    """The port; DomainError when it is taken. Nothing else is done before it is ours."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((options.host, options.port))
    except OSError as error:
        door.close()
        raise DomainError(
            f"端口 {options.port} 用不了：{error.strerror}，什么也没有做。",
            f"Port {options.port} cannot be used ({error.strerror}); nothing was done.",
            hint_zh="换一个：make run PORT=8001",
            hint_en="Try: make run PORT=8001",
            code="port",
        ) from error
    return door


def _server(door: socket.socket) -> Any:
    """The server behind its port, every page's module imported: the first visitor does not wait."""
    from django.conf import settings
    from django.urls import get_resolver
    from waitress import create_server

    from rongdang.config.wsgi import application

    _ = get_resolver().url_patterns
    # What a request says of its origin counts only from the proxy of the settings (N04).
    proxy = {}
    if settings.SECURE_PROXY:
        headers = "x-forwarded-for x-forwarded-proto"
        proxy = {"trusted_proxy": settings.PROXY, "trusted_proxy_headers": headers}
    server = create_server(application, sockets=[door], threads=THREADS, **proxy)
    _give_way(server)
    return server


def _give_way(server: Any) -> None:
    """Of two processes at one port, the one with fewer visitors takes the next: it waits less.

    A browser keeps its connection, so three at one process and one at the other would stay so.
    """
    take = server.handle_accept

    def take_after_a_moment() -> None:
        time.sleep(min(GIVE_WAY * len(server.active_channels), MOST_GIVEN))
        take()  # nothing, when the other has taken it

    server.handle_accept = take_after_a_moment


def _keep_worker(stopping: threading.Event, door: socket.socket) -> None:
    """One worker beside the server: started anew when it dies, stopped with the server."""
    while not stopping.is_set():
        worker = _start_worker(door)
        while worker.poll() is None and not stopping.wait(0.5):
            pass
        if worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
            try:
                worker.wait(timeout=40)
            except subprocess.TimeoutExpired:
                worker.kill()
        stopping.wait(2.0)


def _start_worker(door: socket.socket) -> subprocess.Popen[bytes]:
    """With the open port handed on; where the system cannot hand it on, the worker does jobs only."""
    environment = {**os.environ, SERVER: str(os.getpid())}
    command = [sys.executable, "-P", "-m", "rongdang", "work"]
    if os.name != "posix":
        return subprocess.Popen(command, env=environment)
    environment[DOOR] = str(door.fileno())
    return subprocess.Popen(command, env=environment, pass_fds=[door.fileno()])


def interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _sayer(options: argparse.Namespace) -> Callable[[str], None]:
    """Where words of progress go: beside the result, when that is for programs."""
    return partial(print, file=sys.stderr, flush=True) if options.json else _say
