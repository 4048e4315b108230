import io

import pytest
from django.db import connection

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.base.tests.disks import FULL, READ_ONLY, once_flushed, refusing
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


def test_a_file_chosen_again_after_a_break_goes_on_where_it_stopped(batch, clerk):
    def begin(**changes):
        said = {"name": "大.pdf", "size": len(DATA), "modified": 1_700_000_000_123, **changes}
        return services.begin_upload(batch, acting_user=clerk, **said)

    upload = begin()
    services.receive_part(upload, offset=0, data=DATA[:1000], acting_user=clerk)
    again = begin(name="C:\\扫描\\大.pdf")  # the browser was closed; the name has no path
    assert (again.pk, again.received) == (upload.pk, 1000)
    others = [begin(modified=1_700_000_000_124), begin(size=len(DATA) - 1), begin(name="小.pdf")]
    others += [begin(modified=0), begin(modified=0)]  # a sender that does not say begins anew
    assert len({upload.pk, *(other.pk for other in others)}) == 6
    services.receive_part(again, offset=1000, data=DATA[1000:], acting_user=clerk)
    done = begin()
    assert (done.pk, done.state, done.received) == (upload.pk, "stored", len(DATA))
    assert objects.read(done.stored) == DATA
    services.abandon_upload(others[0], acting_user=clerk)
    assert begin(modified=1_700_000_000_124).pk != others[0].pk  # what was given up begins anew


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


def test_a_full_disk_says_so_and_the_upload_can_go_on_later(batch, clerk):
    upload = services.begin_upload(batch, name="a", size=len(DATA), acting_user=clerk)
    with refusing(FULL), pytest.raises(DomainError) as refused:
        services.receive_part(upload, offset=0, data=DATA, acting_user=clerk)
    assert refused.value.code == "disk-full"
    upload = Upload.objects.get(pk=upload.pk)
    assert upload.received == 0
    services.receive_part(upload, offset=0, data=DATA, acting_user=clerk)
    assert objects.read(Upload.objects.get(pk=upload.pk).stored) == DATA


@pytest.mark.parametrize("number,code", [(FULL, "disk-full"), (READ_ONLY, "read-only")])
def test_a_disk_that_takes_no_object_leaves_no_half_file_and_the_same_file_comes_in_later(
    batch, clerk, settings, number, code
):
    with refusing(number), pytest.raises(DomainError) as refused:
        hand_in(batch, clerk)
    assert refused.value.code == code and "没有写入" in refused.value.zh
    assert not batch.uploads.exists() and not StoredObject.objects.exists()
    assert not [p for p in settings.OBJECT_ROOT.rglob("*") if p.is_file()]
    assert objects.read(hand_in(batch, clerk).stored) == DATA


def test_all_parts_here_but_no_room_for_the_whole_is_finished_by_an_empty_part(
    batch, clerk, settings
):
    upload = services.begin_upload(batch, name="a", size=len(DATA), acting_user=clerk)
    services.receive_part(upload, offset=0, data=DATA[:1000], acting_user=clerk)
    with refusing(FULL, below=settings.OBJECT_ROOT), pytest.raises(DomainError):
        services.receive_part(upload, offset=1000, data=DATA[1000:], acting_user=clerk)
    upload = Upload.objects.get(pk=upload.pk)
    assert (upload.state, upload.received) == ("receiving", len(DATA))
    upload = services.receive_part(upload, offset=len(DATA), data=b"", acting_user=clerk)
    assert upload.state == "stored" and objects.read(upload.stored) == DATA


def test_a_part_that_lost_the_race_leaves_the_winner_s_bytes_alone(batch, clerk, settings):
    """Two windows send the same file; between keeping a part and taking its place the other won."""
    upload = services.begin_upload(batch, name="a", size=len(DATA), acting_user=clerk)

    def other_wins():
        services.receive_part(upload, offset=0, data=DATA[:2000], acting_user=clerk)

    parts = settings.VAR_DIR / "parts"
    with once_flushed(other_wins, below=parts), pytest.raises(ConflictError):
        services.receive_part(upload, offset=0, data=b"x" * 500, acting_user=clerk)
    now = Upload.objects.get(pk=upload.pk)
    assert now.received == 2000
    services.receive_part(now, offset=2000, data=DATA[2000:], acting_user=clerk)
    assert objects.read(Upload.objects.get(pk=upload.pk).stored) == DATA


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
def test_a_file_of_another_length_than_announced_is_not_kept(batch, clerk, size):
    with pytest.raises(DomainError) as refused:
        services.receive_file(batch, name="a", data=io.BytesIO(DATA), size=size, acting_user=clerk)
    assert refused.value.code == "size-differs"
    assert not StoredObject.objects.exists() and not batch.uploads.exists()


def test_a_file_not_sent_to_the_end_keeps_the_batch_open_until_it_is_given_up(
    batch, clerk, stranger, settings
):
    hand_in(batch, clerk)
    upload = services.begin_upload(batch, name="大.pdf", size=len(DATA), acting_user=clerk)
    services.receive_part(upload, offset=0, data=DATA[:100], acting_user=clerk)
    with pytest.raises(ConflictError) as refused:
        services.close_batch(batch, acting_user=clerk)
    assert refused.value.code == "unfinished-uploads" and "大.pdf" in refused.value.zh
    with pytest.raises(NotPermittedError):
        services.abandon_upload(upload, acting_user=stranger)
    given_up = services.abandon_upload(upload, acting_user=clerk)
    assert given_up.state == "refused" and "没有传完" in given_up.reason_zh
    with pytest.raises(ConflictError):
        services.receive_part(given_up, offset=100, data=DATA[100:], acting_user=clerk)
    assert services.close_batch(batch, acting_user=clerk).state == "reading"


def test_another_unit_s_same_bytes_are_kept_once_and_not_told_of(batch, clerk, elsewhere, stranger):
    theirs = services.open_batch(
        unit=elsewhere, acting_user=stranger, source="browser", declared=True
    )
    hand_in(theirs, stranger)
    ours = hand_in(batch, clerk)
    assert ours.state == "stored" and not ours.reason_zh and not ours.reason_en
    assert StoredObject.objects.count() == 1


def test_a_file_refused_before_may_be_handed_in_again(batch, clerk):
    first = hand_in(batch, clerk)
    Upload.objects.filter(pk=first.pk).update(state="refused")
    assert hand_in(batch, clerk).state == "stored"


def test_a_crash_between_object_and_row_leaves_nothing_that_is_called_damage(batch, clerk):
    from rongdang.keep.objects.queries import verify_objects

    def crash(execute, sql, *more):
        if sql.startswith("INSERT") and Upload._meta.db_table in sql:
            raise SystemExit
        return execute(sql, *more)

    with connection.execute_wrapper(crash), pytest.raises(SystemExit):
        hand_in(batch, clerk)
    assert StoredObject.objects.count() == 1
    assert not list(verify_objects())
    again = hand_in(batch, clerk)
    assert again.state == "stored" and StoredObject.objects.count() == 1
