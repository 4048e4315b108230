import io
import os

import pytest

from rongdang.base.durable import StorageError
from rongdang.base.errors import DomainError
from rongdang.base.ids import uuid7, uuid7_beside
from rongdang.base.tests.disks import FULL, READ_ONLY, at_flush, fault, refusing
from rongdang.keep.objects import services
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db
DATA = "林长河 1953年7月 入伍".encode() * 9000


def file_of(stored, settings):
    return settings.OBJECT_ROOT / services.key_of(stored.pk)


def test_what_was_put_comes_back_and_the_disk_does_not_tell_it(settings):
    stored = services.put(DATA, "text/plain")
    assert services.read(stored) == DATA
    on_disk = file_of(stored, settings).read_bytes()
    assert "林长河".encode() not in on_disk and b"1953" not in on_disk


def test_the_same_bytes_are_kept_once(settings):
    assert services.put(DATA).pk == services.put(DATA).pk
    assert len(list(services.store().names())) == 1


def test_many_are_kept_together_each_once_and_none_when_one_cannot_be():
    known = services.put(b"known")
    kept = services.put_many([(b"one", "a/b"), (b"known", ""), (b"two", ""), (b"one", "")])
    assert [services.read(stored) for stored in kept] == [b"one", b"known", b"two", b"one"]
    assert kept[1].pk == known.pk and kept[0].pk == kept[3].pk and kept[0].media_type == "a/b"
    assert len(list(services.store().names())) == 3 and list(verify_objects()) == []
    flushed = []

    def count(path):
        flushed.append(path)
        if len(flushed) == 3:
            raise fault(FULL)

    with at_flush(count), pytest.raises(StorageError):
        services.put_many([(b"three", ""), (b"four", ""), (b"five", "")])
    assert StoredObject.objects.count() == 3 and len(list(services.store().names())) == 3
    flushed.clear()
    with at_flush(flushed.append):
        services.put_many([(os.urandom(300), "") for _ in range(8)])
    assert len(flushed) <= 16  # two a page


def folders_flushed(act):
    """The folders flushed meanwhile, in order; and what the act gave."""
    flushed = []

    def note(path):
        if path.is_dir():
            flushed.append(path)

    with at_flush(note):
        return flushed, act()


def test_a_batch_lies_in_one_folder_and_every_folder_that_changed_is_flushed(settings):
    def act():
        many = services.put_many([(os.urandom(300), "") for _ in range(5)])
        return many, services.put(io.BytesIO(DATA))

    flushed, (many, one) = folders_flushed(act)
    folders = {file_of(stored, settings).parent for stored in many}
    assert len(folders) == 1 and len({stored.pk for stored in many}) == 5
    folder = folders.pop()
    root = settings.OBJECT_ROOT
    # The store was empty: each folder down to the pages' is new, and named by the one above it.
    assert sorted(flushed[:3]) == sorted([folder, folder.parent, root])
    assert file_of(one, settings).parent in flushed[3:] and len(set(flushed[3:])) > 1
    beside = services.key_of(uuid7_beside(many[0].pk))
    flushed, _none = folders_flushed(lambda: services.store().add(beside, [b"later"]))
    assert flushed == [folder]  # it was there already


@pytest.mark.parametrize("data", [DATA, io.BytesIO(DATA)], ids=["in memory", "a stream"])
def test_a_disk_that_gives_back_something_else_is_found_before_a_row_speaks_of_it(data):
    def spoil(path):
        if path.is_file():
            raw = path.read_bytes()
            path.write_bytes(raw[:-1] + bytes((raw[-1] ^ 1,)))

    with at_flush(spoil), pytest.raises(services.ObjectDamagedError):
        services.put(data)
    assert not StoredObject.objects.exists() and list(services.store().names()) == []


def test_a_reader_jumps_without_reading_from_the_start():
    stored = services.put(DATA)
    with services.open_object(stored) as reader:
        reader.seek(100_001)
        assert reader.read(50) == DATA[100_001:100_051]


@pytest.mark.parametrize("place", [0, 40, 70_000, -1])
def test_one_flipped_bit_anywhere_is_found_and_named(settings, place):
    stored = services.put(DATA)
    path = file_of(stored, settings)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(DomainError):
        services.read(stored)
    assert [(f.code, f.name) for f in verify_objects()] == [("damaged", services.key_of(stored.pk))]


def test_a_missing_and_an_extra_file_are_named_and_a_clean_store_is_silent(settings):
    stored = services.put(DATA)
    assert list(verify_objects()) == []
    path = file_of(stored, settings)
    path.rename(path.with_name("00000000-0000-7000-8000-000000000000"))
    assert sorted(f.code for f in verify_objects()) == ["extra", "missing"]


def test_what_a_killed_writer_left_is_named_and_one_still_writing_is_not(settings):
    stored = services.put(DATA)
    folder = file_of(stored, settings).parent
    old, new = "00000000-0000-7000-8000-000000000001", str(uuid7())
    for name in (f".{old}.99.tmp", f".{new}.99.tmp", new, "note.txt"):
        (folder / name).write_bytes(b"half")
    found = sorted((f.code, f.name.rsplit("/")[-1]) for f in verify_objects())
    assert found == [("extra", f".{old}.99.tmp"), ("extra", "note.txt")]


def test_a_destroyed_object_cannot_be_read_and_leaves_its_digest(
    django_capture_on_commit_callbacks, settings
):
    stored = services.put(DATA)
    with django_capture_on_commit_callbacks(execute=True):
        services.shred(stored, reason="secret-mark")
    stored.refresh_from_db()
    assert stored.digest and bytes(stored.wrapped_key) == b""
    assert not file_of(stored, settings).exists()
    with pytest.raises(DomainError) as gone:
        services.read(stored)
    assert gone.value.status == 410
    assert services.put(DATA).pk != stored.pk  # the same bytes may be kept anew


@pytest.mark.parametrize("number,code", [(FULL, "disk-full"), (READ_ONLY, "read-only")])
def test_a_full_or_read_only_disk_keeps_nothing_and_says_so(number, code):
    with refusing(number), pytest.raises(StorageError) as refused:
        services.put(DATA)
    assert refused.value.code == code and refused.value.hint_zh and refused.value.hint_en
    assert not StoredObject.objects.exists() and list(services.store().names()) == []
    assert services.read(services.put(DATA)) == DATA
