"""A house of its own for a test: commands in processes of their own, over a database on disk."""

import os
import subprocess
import sys
from pathlib import Path


class House:
    """Where one house lies, and what is typed at its terminal."""

    def __init__(self, root):
        self.var = Path(root) / "var"

    def environment(self, **more):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RONGDANG")}
        return {
            **clean,
            "DJANGO_SETTINGS_MODULE": "rongdang.config.settings",
            "RONGDANG_VAR": str(self.var),
            "RONGDANG_OCR": "null",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def python(self, code, *arguments, **environment):
        """(exit code, all that was said)."""
        return self._run("-c", code, *arguments, **environment)

    def rongdang(self, *arguments, **environment):
        return self._run("-m", "rongdang", *arguments, **environment)

    def start(self, *arguments, **environment):
        """A command that goes on until it is stopped; its words come by `stdout`."""
        return subprocess.Popen(
            [sys.executable, "-m", "rongdang", *map(str, arguments)],
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _run(self, *arguments, **environment):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=240,
        )
        return done.returncode, done.stdout + done.stderr
