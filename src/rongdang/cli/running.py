"""migrate, serve, work, demo: keeping the house running."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from typing import Any


def _django() -> None:
    import django

    django.setup()


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up to date; safe to repeat and to interrupt."""
    from django.conf import settings
    from django.core.management import call_command

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
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
    """Run jobs until told to stop (or, with --once, until none is left)."""
    _django()
    from django.conf import settings

    from rongdang.base.jobs.worker import run_worker

    processes = options.processes or settings.WORKERS
    return run_worker(concurrency=processes, until_idle=options.once)


def serve(options: argparse.Namespace) -> int:
    """Serve the pages on this machine, with one worker beside for the jobs."""
    started = time.monotonic()
    migrate(options)
    from waitress import create_server

    if options.demo:
        from rongdang.demo import loading

        loading.load(people=320, stacks=8, say=_say)
    worker = subprocess.Popen([sys.executable, "-m", "rongdang", "work"])
    from rongdang.config.wsgi import application

    try:
        server = create_server(application, host=options.host, port=options.port, threads=8)
    except OSError as error:
        worker.terminate()
        _say(
            f"端口 {options.port} 用不了：{error.strerror}。换一个：make run PORT=8001\n"
            f"Port {options.port} cannot be used. Try: make run PORT=8001"
        )
        return 1
    if options.demo:
        _say(loading.welcome(f"http://{options.host}:{options.port}"))
    _say(
        f"已就绪 / ready in {time.monotonic() - started:.1f} s: http://{options.host}:{options.port}"
        f"  （Ctrl+C 停 / stops）"
    )

    def stop(_signal: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(timeout=15)
        except subprocess.TimeoutExpired:
            worker.kill()
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
