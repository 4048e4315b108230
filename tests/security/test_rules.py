"""The source keeps its rules; a planted fault of each kind is seen, so that silence means something."""

import subprocess
import sys

import pytest

from .rules import IN_WEB, LOOKED_AT, RULES, SOURCE, found_in

PLANTED = {
    "text as markup": "mark_safe(name)",
    "a shell": "subprocess.run(line, shell=True)",
    "objects out of bytes": "import pickle",
    "code out of text": "eval(text)",
    "archives unpacked whole": "archive.extractall(folder)",
    "a POST without token": "@csrf_exempt",
    "certificates not looked at": "requests.get(address, verify=False)",
    "queries by text": "Person.objects.raw(text)",
    "a read past the predicate": "Person.objects.get(pk=asked)",
}


def test_the_code_keeps_its_own_rules():
    assert found_in(SOURCE) == LOOKED_AT


@pytest.mark.parametrize("rule", sorted(RULES | IN_WEB))
def test_a_planted_fault_is_seen(rule, tmp_path):
    planted = tmp_path / "web" / "planted.py"
    planted.parent.mkdir()
    planted.write_text(PLANTED[rule], encoding="utf-8")
    assert ("web/planted.py", rule) in found_in(tmp_path)


def bandit(folder):
    """Findings of high severity; the hand-written SQL (B608) is held by N01 and by review."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", str(folder), "-lll"]
    return subprocess.run(
        [*command, "-x", "*/tests/*,*/migrations/*"], capture_output=True, check=False
    )


def test_bandit_finds_nothing_grave_and_would_see_a_planted_fault(tmp_path):
    (tmp_path / "planted.py").write_text(
        "import subprocess\n\n\ndef run(line):\n    subprocess.run(line, shell=True)\n"
    )
    assert bandit(tmp_path).returncode == 1
    done = bandit(SOURCE)
    assert done.returncode == 0, done.stdout.decode()[-3000:]
