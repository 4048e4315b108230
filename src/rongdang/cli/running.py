"""migrate, serve, work, demo: keeping the house running."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

LOOK_SECONDS = 2.0  # between two looks into the inbox
SERVER = "RONGDANG_SERVER"  # process id of the server a worker stands beside


def _django() -> None:
    import django

    django.setup()


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up to date; safe to repeat and to interrupt."""
    from django.conf import settings
    from django.core.management import call_command

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    settings.WATCH_ROOT.mkdir(parents=True, exist_ok=True)
    _django()
    call_command("migrate", verbosity=0, interactive=False)
    return 0


def demo(options: argparse.Namespace) -> int:
    """Load the invented units, people and scans; what is there already is left alone."""
    migrate(options)
    from rongdang.demo import loading

    loading.load(people=options.people, stacks=options.stacks, say=_say)
    return 0


def work(options: argparse.Namespace) -> int:
    """Run jobs until told to stop (or, with --once, until none is left); look after the inbox."""
    _django()
    from django.conf import settings

    from rongdang.base.jobs.worker import run_worker

    processes = options.processes or settings.WORKERS
    if not options.once:
        server = int(os.environ.get(SERVER, "0")) or os.getppid()
        threading.Thread(target=_look_after, args=(server,), daemon=True).start()
    return run_worker(concurrency=processes, until_idle=options.once)


def _look_after(parent: int) -> None:
    """Take in what scanners put into the inbox; end the worker when its server is gone.

    Should looking fail for good, the worker ends too, and its server starts another.
    """
    try:
        while os.getppid() == parent:
            _watch_inbox()
            time.sleep(LOOK_SECONDS)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


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
    """Serve the pages on this machine, with one worker beside for the jobs."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    door = _bind(options)
    if door is None:
        return 1
    migrate(options)
    address = f"http://{options.host}:{options.port}"
    if options.demo:
        from rongdang.demo import loading

        loading.load(people=options.people, stacks=options.stacks, say=_say)
        _say(loading.welcome(address))
    server = _server(door)
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,))
    keeper.start()
    seconds = time.monotonic() - started
    _say(f"已就绪 / ready in {seconds:.1f} s: {address}  （Ctrl+C 停 / stops）")
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        _say("正在停：手上的一页读完就停 / stopping: the page in hand is read to its end")
        server.close()
        stopping.set()
        keeper.join()
    return 0


def _bind(options: argparse.Namespace) -> socket.socket | None:
    """The port, or None when it is taken; nothing else is done before it is ours."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((options.host, options.port))
    except OSError as error:
        door.close()
        _say(
            f"端口 {options.port} 用不了：{error.strerror}。换一个：make run PORT=8001\n"
            f"Port {options.port} cannot be used. Try: make run PORT=8001"
        )
        return None
    return door


def _server(door: socket.socket) -> Any:
    """The server behind its port, every page's module imported: the first visitor does not wait."""
    from django.urls import get_resolver
    from waitress import create_server

    from rongdang.config.wsgi import application

    _ = get_resolver().url_patterns
    return create_server(application, sockets=[door], threads=8)


def _keep_worker(stopping: threading.Event) -> None:
    """One worker beside the server: started anew when it dies, stopped with the server."""
    while not stopping.is_set():
        worker = subprocess.Popen(
            [sys.executable, "-m", "rongdang", "work"],
            env={**os.environ, SERVER: str(os.getpid())},
        )
        while worker.poll() is None and not stopping.wait(0.5):
            pass
        if worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
            try:
                worker.wait(timeout=40)
            except subprocess.TimeoutExpired:
                worker.kill()
        stopping.wait(2.0)


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)
