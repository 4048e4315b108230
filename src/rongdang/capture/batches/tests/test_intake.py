import io

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches import services
from rongdang.capture.batches.models import Batch, Upload
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

DATA = bytes(range(256)) * 1200


@pytest.fixture
def batch(station, clerk):
    return services.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)


def hand_in(batch, clerk, data=DATA, name="a.jpg"):
    return services.receive_file(
        batch, name=name, data=io.BytesIO(data), size=len(data), acting_user=clerk
    )


def test_a_file_is_kept_encrypted_and_noted(batch, clerk):
    upload = hand_in(batch, clerk)
    assert upload.state == "stored" and objects.read(upload.stored) == DATA
    assert (
        Entry.objects.filter(
            event="upload:store", subject_id=str(upload.pk), actor=str(clerk.pk)
        ).count()
        == 1
    )


def test_without_the_declaration_no_batch_is_opened(station, clerk):
    with pytest.raises(DomainError) as refused:
        services.open_batch(unit=station, acting_user=clerk, source="browser", declared=False)
    assert refused.value.code == "not-declared" and not Batch.objects.exists()


def test_a_stranger_opens_no_batch_here_and_does_not_see_one(batch, station, stranger):
    with pytest.raises(NotPermittedError):
        services.open_batch(unit=station, acting_user=stranger, source="browser", declared=True)
    assert not Batch.objects.visible_to(stranger).exists()


def test_parts_arrive_in_order_and_make_the_whole(batch, clerk, settings):
    upload = services.begin_upload(batch, name="大.pdf", size=len(DATA), acting_user=clerk)
    for start in range(0, len(DATA), 100_000):
        upload = services.receive_part(
            upload, offset=start, data=DATA[start : start + 100_000], acting_user=clerk
        )
    assert upload.state == "stored" and objects.read(upload.stored) == DATA
    assert not list((settings.VAR_DIR / "parts").glob("*/*"))


def test_a_broken_line_is_gone_on_from_where_it_broke(batch, clerk):
    upload = services.begin_upload(batch, name="a.pdf", size=len(DATA), acting_user=clerk)
    services.receive_part(upload, offset=0, data=DATA[:1000], acting_user=clerk)
    again = Upload.objects.get(pk=upload.pk)  # the browser asks how far it is, and goes on
    assert again.received == 1000
    with pytest.raises(ConflictError):
        services.receive_part(again, offset=0, data=DATA[:1000], acting_user=clerk)
    services.receive_part(again, offset=1000, data=DATA[1000:], acting_user=clerk)
    assert objects.read(Upload.objects.get(pk=upload.pk).stored) == DATA


def test_parts_on_disk_tell_nothing(batch, clerk, settings):
    upload = services.begin_upload(batch, name="a.txt", size=10_000, acting_user=clerk)
    services.receive_part(upload, offset=0, data="林长河".encode() * 100, acting_user=clerk)
    kept = b"".join(
        path.read_bytes() for path in (settings.VAR_DIR / "parts").rglob("*") if path.is_file()
    )
    assert kept and "林长河".encode() not in kept


def test_more_than_was_announced_is_refused(batch, clerk):
    upload = services.begin_upload(batch, name="a", size=5, acting_user=clerk)
    with pytest.raises(DomainError) as refused:
        services.receive_part(upload, offset=0, data=b"123456", acting_user=clerk)
    assert (
        refused.value.code == "longer-than-announced"
        and Upload.objects.get(pk=upload.pk).received == 0
    )


def test_the_same_bytes_twice_are_recognised_and_kept_once(batch, clerk):
    hand_in(batch, clerk, name="一.jpg")
    second = hand_in(batch, clerk, name="二.jpg")
    assert (
        second.state == "duplicate"
        and batch.number in second.reason_zh
        and batch.number in second.reason_en
    )
    assert StoredObject.objects.count() == 1


def test_an_empty_file_is_refused_in_words(batch, clerk):
    upload = hand_in(batch, clerk, data=b"")
    assert (
        upload.state == "refused" and "0 字节" in upload.reason_zh and "0 bytes" in upload.reason_en
    )


def test_an_over_large_file_is_refused_before_a_byte_is_sent(batch, clerk, settings):
    settings.UPLOAD_LIMIT = 1000
    with pytest.raises(DomainError) as refused:
        services.begin_upload(batch, name="a", size=1001, acting_user=clerk)
    assert refused.value.status == 413


def test_a_closed_batch_takes_no_more(batch, clerk):
    hand_in(batch, clerk)
    Upload.objects.update(state="split")
    services.close_batch(batch, acting_user=clerk)
    batch.refresh_from_db()
    with pytest.raises(ConflictError):
        services.begin_upload(batch, name="b", size=1, acting_user=clerk)


def test_an_empty_batch_cannot_be_closed(batch, clerk):
    with pytest.raises(DomainError) as refused:
        services.close_batch(batch, acting_user=clerk)
    assert refused.value.code == "empty-batch"


@pytest.mark.parametrize(
    "sent,shown",
    [
        ("C:\\scans\\张 三.jpg", "张 三.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\x00\nb.jpg", "ab.jpg"),
        ("", "未命名"),
    ],
)
def test_a_name_is_only_ever_a_name(sent, shown):
    assert services.clean_name(sent) == shown


def test_a_full_disk_says_so_and_the_upload_can_go_on_later(batch, clerk, monkeypatch):
    import os

    upload = services.begin_upload(batch, name="a", size=len(DATA), acting_user=clerk)
    real = os.fsync

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DomainError) as refused:
        services.receive_part(upload, offset=0, data=DATA, acting_user=clerk)
    assert refused.value.code == "disk-full"
    monkeypatch.setattr(os, "fsync", real)
    upload = Upload.objects.get(pk=upload.pk)
    assert upload.received == 0
    services.receive_part(upload, offset=0, data=DATA, acting_user=clerk)
    assert objects.read(Upload.objects.get(pk=upload.pk).stored) == DATA
