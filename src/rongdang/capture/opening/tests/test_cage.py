"""The cage round the child that opens files: what it must not do, it cannot."""

import json
import os
import subprocess
import sys

import pytest

from rongdang.capture.opening import landlock, reader, sandbox, trying

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fences are Linux's")


@linux
def test_every_forbidden_act_is_refused_to_a_caged_child():
    assert reader.fences() == dict.fromkeys(trying.ACTS, True)


@linux
def test_the_trial_sees_a_cage_that_is_open():
    """The control: outside of it all these acts succeed, so a refusal means something."""
    free = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json; from rongdang.capture.opening import trying;"
            "print(json.dumps({n: trying._is_refused(a) for n, a in trying.ACTS.items()"
            " if n not in ('memory', 'trace', 'signal')}))",
        ],
        capture_output=True,
        check=True,
    )
    assert not any(json.loads(free.stdout).values())


@linux
@pytest.mark.skipif(not landlock.version(), reason="this kernel has no landlock")
def test_only_what_is_named_can_be_opened_and_only_to_be_read(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a").write_text("a")
    (tmp_path / "shut").write_text("b")
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            import ctypes

            ctypes.CDLL(None).prctl(sandbox.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            assert landlock.restrict([tmp_path / "open", tmp_path / "nothing"])
            assert (tmp_path / "open" / "a").read_text() == "a"
            for path, way in ((tmp_path / "shut", "r"), (tmp_path / "open" / "a", "a")):
                with pytest.raises(PermissionError):
                    path.open(way)
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_the_archive_and_its_keys_are_not_among_what_a_child_may_read(settings):
    for place in (settings.VAR_DIR, settings.KEY_DIR, settings.OBJECT_ROOT):
        assert not any(place.is_relative_to(path) for path in sandbox.readable())
