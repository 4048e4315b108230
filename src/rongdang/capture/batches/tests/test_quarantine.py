"""No file is opened before the virus scanner passed it: found, down, out of date, back again."""

import io
import shutil
import subprocess
import time

import pytest
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.base.virus import Scanner, ScannerDownError
from rongdang.capture.batches import mending
from rongdang.capture.batches.tests.clamd import VIRUS, clamd
from rongdang.capture.batches.tests.factories import closed_batch, form, page_image, run_jobs
from rongdang.config import env

pytestmark = pytest.mark.django_db
NOBODY = "tcp://127.0.0.1:1"


def due_now():
    Job.objects.filter(state="ready").update(run_after=timezone.now())


@pytest.fixture(params=["tcp", "unix"])
def server(request, tmp_path, settings, socket_enabled):
    with clamd(tmp_path / "clamd.ctl" if request.param == "unix" else None) as running:
        settings.VIRUS_SCANNER = Scanner(running.address, 30, 5)
        yield running


def test_a_clean_file_is_examined_whole_and_then_read(server, station, clerk, engine):
    engine(form())
    data = page_image(1)
    batch = closed_batch(station, clerk, ("a.jpg", data))
    run_jobs()
    assert batch.uploads.get().state == "split"
    assert server.examined == [data]


def test_a_file_with_a_virus_is_never_opened_and_the_officer_is_told(
    server, station, clerk, engine
):
    engine(form())
    batch = closed_batch(station, clerk, ("a.jpg", page_image(1) + VIRUS), ("b.jpg", page_image(2)))
    run_jobs()
    bad, good = batch.uploads.order_by("pk")
    assert (bad.state, good.state) == ("refused", "split") and not bad.scans.exists()
    assert "Planted.Test" in bad.reason_zh and "virus" in bad.reason_en
    assert Alarm.objects.get().kind == "virus-found"
    assert Entry.objects.filter(event="upload:virus").count() == 1
    # Asked to open it again, it is examined again.
    mending.open_again(bad, acting_user=clerk)
    run_jobs()
    bad.refresh_from_db()
    assert bad.state == "refused" and len(server.examined) == 3


@pytest.mark.parametrize(
    "how,said",
    [
        ("down", "没有应答"),
        ("old", "超过 30 天"),
        ("mute", "没有给出结论"),
        ("limit", "没有给出结论"),
    ],
)
def test_n37_without_a_verdict_the_file_waits_in_quarantine_until_there_is_one(
    how, said, settings, station, clerk, engine, socket_enabled
):
    engine(form())
    answers = {"mute": b"", "limit": b"INSTREAM size limit exceeded. ERROR"}
    with clamd(
        days_old=40 if how == "old" else 0,
        **({"verdict": lambda _data: answers[how]} if how in answers else {}),
    ) as server:
        settings.VIRUS_SCANNER = Scanner(NOBODY if how == "down" else server.address, 30, 5)
        batch = closed_batch(station, clerk, ("a.jpg", page_image(1)))
        run_jobs()
        upload = batch.uploads.get()
        assert upload.state == "quarantine" and said in upload.reason_zh
        assert not upload.scans.exists()
        batch.refresh_from_db()
        assert batch.state == "reading" and batch.read_at is None
        due_now()
        run_jobs()  # tried again, in vain: one alarm, one entry
        assert Alarm.objects.get().kind == "scanner-down"
        assert Entry.objects.filter(event="upload:quarantine").count() == 1
        assert Job.objects.filter(state="ready").count() == 1
    with clamd() as server:
        settings.VIRUS_SCANNER = Scanner(server.address, 30, 5)
        due_now()
        run_jobs()
    upload.refresh_from_db()
    assert upload.state == "split" and not upload.reason_zh and upload.scans.count() == 1


def test_n37_a_scanner_that_hangs_is_no_verdict(socket_enabled):
    with clamd(verdict=lambda _data: time.sleep(1.5) or b"stream: OK") as server:
        with pytest.raises(ScannerDownError):
            Scanner(server.address, 30, 0.5).examine(io.BytesIO(b"x"))


def test_without_a_scanner_files_are_opened(settings, station, clerk, engine):
    settings.VIRUS_SCANNER = Scanner("", 30)
    engine(form())
    batch = closed_batch(station, clerk, ("a.jpg", page_image(1)))
    run_jobs()
    assert batch.uploads.get().state == "split"


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "tcp://nowhere", "file:///etc/passwd"])
def test_an_address_that_is_no_scanner_stops_the_start(address, monkeypatch):
    monkeypatch.setenv("RONGDANG_CLAMD", address)
    with pytest.raises(env.SettingError):
        env.scanner()


@pytest.mark.skipif(not shutil.which("clamd"), reason="Debian's clamd is not installed")
def test_clamd_itself_says_what_our_small_one_says(tmp_path, socket_enabled):
    signatures = tmp_path / "db"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Planted.Test:0:*:{VIRUS.hex()}\n")
    door, file = tmp_path / "d.ctl", tmp_path / "clamd.conf"
    file.write_text(
        f"LocalSocket {door}\nDatabaseDirectory {signatures}\nForeground yes\n"
        f"User root\nTemporaryDirectory {tmp_path}\n"
    )
    running = subprocess.Popen(["clamd", "-c", str(file)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if door.exists():
                break
            time.sleep(0.1)
        scanner = Scanner(f"unix://{door}", 30, 20)
        with pytest.raises(ScannerDownError, match="特征库"):
            scanner.examine(io.BytesIO(b"x"))  # own signatures say no date: not to be trusted
        own = Scanner(f"unix://{door}", 0, 20)
        assert own.examine(io.BytesIO(page_image(1))) == ""
        assert own.examine(io.BytesIO(b"before" + VIRUS)).startswith("Planted.Test")
    finally:
        running.terminate()
        running.wait()
