"""Every seeded damage is found and named; a clean house gives no finding."""

import json
import os
import shutil

import pytest
from django.db import connection

from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.sealing import object_id, seal_case_file, sealed_store
from rongdang.describe.casefiles.tests.filing import small_file
from rongdang.describe.casefiles.verifying import verify_all
from rongdang.describe.people.models import Fact, Person
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import key_of, put


@pytest.fixture
def case_file(station, reviewer):
    case_file = small_file(station, reviewer)
    return seal_case_file(case_file, acting_user=reviewer)


@pytest.fixture
def other(station, reviewer):
    return small_file(station, reviewer, "周同和", "990101195001010019")


def stored_path(settings, number=0):
    return settings.OBJECT_ROOT / key_of(StoredObject.objects.order_by("pk")[number].pk)


def found(**options):
    report = verify_all(read_objects=options.get("read_objects", True))
    return {(one.area, one.code) for one in report.findings}, report


def change_row(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def swap_values(one, other):
    """As somebody with the database's password might: two encrypted values change places."""
    with connection.cursor() as cursor:
        keys = [one._meta.pk.get_db_prep_value(row.pk, connection) for row in (one, other)]
        cursor.execute("SELECT value FROM people_fact WHERE id = %s", [keys[0]])
        cursor.execute(
            "UPDATE people_fact SET value = %s WHERE id = %s", [cursor.fetchone()[0], keys[1]]
        )


def flip(path, at=-20):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_clean_house_gives_no_finding(case_file, other):
    codes, report = found()
    assert (codes, report.ok) == (set(), True)
    assert report.looked_at["files"] == 2 and report.looked_at["sealed"] == 1
    assert report.looked_at["objects"] == StoredObject.objects.count()
    assert "没有发现问题" in report.to_text()
    assert json.loads(json.dumps(report.to_dict()))["findings"] == []


def test_one_flipped_bit_in_a_stored_object(case_file, settings):
    path = stored_path(settings)
    flip(path)
    codes, report = found()
    assert codes == {("objects", "damaged")}
    assert report.findings[0].name == path.relative_to(settings.OBJECT_ROOT).as_posix()
    assert not report.ok and path.name in report.to_text()


@pytest.mark.parametrize("left", [0, 10, 200, -1])
def test_a_truncated_object(case_file, settings, left):
    path = stored_path(settings)
    path.write_bytes(path.read_bytes()[:left])
    assert found()[0] == {("objects", "damaged")}


def test_two_objects_swapped(case_file, settings):
    first, second = stored_path(settings), stored_path(settings, 1)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    codes, report = found()
    assert codes == {("objects", "damaged")} and len(report.findings) == 2


def test_an_object_that_is_missing_and_one_that_nobody_knows(case_file, settings):
    path = stored_path(settings)
    path.unlink()
    (path.parent / "something").write_bytes(b"?")
    codes, report = found()
    assert codes == {("objects", "missing"), ("objects", "extra")}
    assert {one.name.rsplit("/", 1)[1] for one in report.findings} == {path.name, "something"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda f: StoredObject.objects.filter(pk=StoredObject.objects.first().pk).update(
                digest="0" * 64
            ),
            {("objects", "damaged"), ("sealed", "page-changed")},
        ),
        (
            lambda f: StoredObject.objects.filter(pk=StoredObject.objects.first().pk).update(
                wrapped_key=b""
            ),
            {("objects", "damaged"), ("catalogue", "image")},
        ),
        (
            lambda f: CaseFile.objects.filter(pk=f.pk).update(page_count=9),
            {("catalogue", "page-count")},
        ),
        (
            lambda f: CaseFile.objects.filter(pk=f.pk).update(item_count=2),
            {("catalogue", "item-count")},
        ),
        (lambda f: CaseFile.objects.filter(pk=f.pk).update(version=7), {("sealed", "version")}),
        (
            lambda f: Item.objects.filter(title="体检表").update(page_count=2),
            {("catalogue", "item-pages"), ("sealed", "item-changed")},
        ),
        (
            lambda f: Item.objects.filter(title="体检表").update(title="别的表"),
            {("sealed", "item-changed")},
        ),
        (
            lambda f: Item.objects.filter(title="体检表").update(formed="1999"),
            {("sealed", "item-changed")},
        ),
        (
            lambda f: Item.objects.filter(title="体检表").update(sequence=0),
            {("catalogue", "item-number"), ("sealed", "item-changed")},
        ),
        (
            lambda f: Page.objects.filter(item__title="体检表").update(sequence=3),
            {("catalogue", "page-order"), ("sealed", "page-changed")},
        ),
        (
            lambda f: Page.objects.filter(item__title="体检表").update(
                original=StoredObject.objects.first()
            ),
            {("sealed", "page-changed")},
        ),
        (
            lambda f: change_row(Page.objects.get(item__title="体检表"), layer=b"nonsense"),
            {("catalogue", "text")},
        ),
        (
            lambda f: change_row(Fact.objects.get(person=f.person, field="民族"), value="回族"),
            {("catalogue", "record")},
        ),
        (
            lambda f: change_row(f.person, record={"姓名": "石怀远"}),
            {("catalogue", "record")},
        ),
        (
            lambda f: swap_values(*Fact.objects.filter(person=f.person)[:2]),
            {("columns", "sealed-value")},
        ),
        (lambda f: Person.objects.update(name="石怀"), {("catalogue", "record")}),
        (lambda f: Fact.objects.filter(field="民族").delete(), {("catalogue", "record")}),
    ],
)
def test_a_changed_row_is_found(case_file, change, expected):
    change(case_file)
    codes, report = found()
    assert codes == expected
    assert all(one.zh and one.en and one.name for one in report.findings)


def test_a_row_that_was_deleted(case_file):
    page = Page.objects.get(item__title="体检表")
    page.delete()
    assert found()[0] == {
        ("catalogue", "page-count"),
        ("catalogue", "item-pages"),
        ("sealed", "page-changed"),
    }
    Item.objects.filter(title="体检表").delete()
    assert {("sealed", "item-lost"), ("catalogue", "item-count")} <= found()[0]


def test_evidence_on_the_page_of_somebody_else(case_file, other):
    page = Page.objects.filter(item__case_file=other).first()
    Fact.objects.filter(person=case_file.person, field="民族").update(page=page)
    codes, report = found()
    assert codes == {("catalogue", "evidence")}
    assert "石怀远 民族" in report.to_text()


def test_a_ledger_entry_that_was_rewritten(case_file):
    with connection.cursor() as cursor:
        tables = "ledger_entry"
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=%s", [tables]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute(f"ALTER TABLE {tables} DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET event='casefile:see' WHERE seq=3")
    codes, report = found()
    assert {area for area, _code in codes} == {"ledger"}
    assert report.findings[0].name == "3"


def sealed_files(case_file):
    folder = sealed_store().root.path_of(object_id(case_file))
    return folder, folder / "v1" / "content" / "volume-1.zip.rde"


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda folder, volume: flip(volume), {"E092", "E093"}),
        (lambda folder, volume: cut(volume), {"E092", "E093"}),
        (lambda folder, volume: volume.unlink(), {"E092", "E093"}),
        (lambda folder, volume: flip(folder / "v1" / "content" / "说明.txt"), {"E092", "E093"}),
        (lambda folder, volume: (volume.parent / "new.txt").write_text("x"), {"E023"}),
        (lambda folder, volume: (folder / "new.txt").write_text("x"), {"E001"}),
        (
            lambda folder, volume: (folder / "inventory.json").write_bytes(
                (folder / "inventory.json").read_bytes() + b" "
            ),
            {"E060", "E064"},
        ),
        (lambda folder, volume: (folder / "inventory.json").unlink(), {"E063"}),
        (lambda folder, volume: (folder / "0=ocfl_object_1.1").unlink(), {"E003", "E072"}),
        (lambda folder, volume: shutil.rmtree(folder), {"missing", "E073"}),
    ],
)
def test_damage_in_the_sealed_store_is_named_by_its_ocfl_code(case_file, damage, expected):
    damage(*sealed_files(case_file))
    codes, report = found()
    assert {area for area, _code in codes} == {"sealed"}
    assert expected <= {code for _area, code in codes}
    assert case_file.number in report.to_text()


def test_a_sealed_object_of_somebody_else_in_its_place(case_file, other, reviewer):
    other = seal_case_file(other, acting_user=reviewer)
    (mine, volume), (_theirs, strange) = sealed_files(case_file), sealed_files(other)
    kept = volume.read_bytes()
    volume.write_bytes(strange.read_bytes())
    strange.write_bytes(kept)
    codes, report = found()
    assert codes == {("sealed", "E092"), ("sealed", "E093")}
    assert {case_file.number, other.number} == {one.name.split()[0] for one in report.findings}


def test_a_whole_object_forged_anew_differs_from_the_ledger(case_file):
    import hashlib

    folder, _volume = sealed_files(case_file)
    for place in (folder, folder / "v1"):
        raw = (place / "inventory.json").read_bytes().replace("入库".encode(), "入裤".encode())
        (place / "inventory.json").write_bytes(raw)
        (place / "inventory.json.sha512").write_text(
            f"{hashlib.sha512(raw).hexdigest()} inventory.json\n"
        )
    assert found()[0] == {("sealed", "ledger")}


def test_a_strange_object_and_what_a_killed_sealing_left(case_file, settings):
    folder, _volume = sealed_files(case_file)
    strange = settings.SEALED_ROOT / "abc" / "def" / "012" / "urn%3ax"
    shutil.copytree(folder, strange)
    left = settings.SEALED_ROOT / "extensions" / "rongdang-staging" / "old"
    left.mkdir(parents=True)
    os.utime(left, (1, 1))
    codes, report = found()
    assert codes == {("sealed", "extra"), ("sealed", "leftover")}
    assert "abc/def/012/urn%3ax" in report.to_text()


def test_quick_reads_no_content_and_still_compares_the_books(case_file, settings):
    flip(stored_path(settings))
    CaseFile.objects.update(page_count=9)
    codes, report = found(read_objects=False)
    assert codes == {("catalogue", "page-count")}
    assert report.to_dict()["content_read"] is False


def test_verification_says_how_far_it_is_and_goes_on_with_the_oldest(case_file, settings):
    said = []
    verify_all(read_objects=True, progress=said.append)
    assert said and "/" in said[0]
    first = StoredObject.objects.order_by("verified_at").first()
    newer = put(b"newer", "text/plain")
    assert StoredObject.objects.order_by("verified_at").first() == first != newer
