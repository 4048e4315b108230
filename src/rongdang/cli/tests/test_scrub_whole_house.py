"""`scrub` over a house with people, papers, log and index: each seeded damage is found and named.

A clean house is silent however often it is read; damage told once, or mended, is told by its place.
"""

import json
import os
import time

import pytest
from django.db import connection

from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import create_unit
from rongdang.cli.copies import index_checked, records_checked
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.sealing import object_id, seal_case_file, sealed_store
from rongdang.describe.casefiles.tests.filing import small_file
from rongdang.describe.casefiles.tests.test_verifying import change_row, swap_values
from rongdang.describe.people.models import Fact
from rongdang.keep.backups.models import KeptFile, ParityGroup
from rongdang.keep.backups.protecting import block_path
from rongdang.keep.backups.scrubbing import scrub, text_of
from rongdang.keep.backups.tests.conftest import (  # noqa: F401  # fixtures
    empty_database,
    flip,
    house,
    tmp_path,
)
from rongdang.keep.objects.models import StoredObject
from rongdang.provide.search.models import Document, DocumentText
from rongdang.provide.search.ports import PAGES, PEOPLE, engine
from rongdang.provide.search.services import index_case_file, is_indexed

pytestmark = pytest.mark.django_db
CHECKS = (records_checked, index_checked)


@pytest.fixture
def filed(house):  # noqa: F811
    """A sealed file and one still open, both indexed, once scrubbed so that parity stands."""
    city = create_unit(
        code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X1"
    )
    unit = create_unit(code="990001", name="梧桐里军休所", parent=city, acting_user=None)
    user = create_user(
        username="qin", display_name="秦", password="correct horse 42", acting_user=None
    )
    assign_role(user=user, role="reviewer", unit=unit, acting_user=None)
    case_file = small_file(unit, user)
    other = small_file(unit, user, "周同和", "990101195001010019")
    for one in (case_file, other):
        index_case_file(one)
    seal_case_file(case_file, acting_user=user)
    assert scrubbed() == []
    house.case_file = case_file
    return house


def scrubbed():
    """(code, name, mended) of everything a whole pass finds."""
    run = scrub(checks=CHECKS)
    assert run.result["complete"] and text_of(run)
    return [(one["code"], one["name"], one["mended"]) for one in run.result["findings"]]


def stored(house, number=0):  # noqa: F811
    one = StoredObject.objects.order_by("pk")[number]
    return one, house.file(one)


def _xor(house):  # noqa: F811
    one, path = stored(house)
    flip(path)
    return [("damaged", f"objects/{path.parent.parent.name}", "parity")]


def _truncated(house):  # noqa: F811
    _one, path = stored(house, 1)
    path.write_bytes(path.read_bytes()[:-7])
    return [("damaged", path.name, "parity")]


def _swapped(house):  # noqa: F811
    (_a, one), (_b, other) = stored(house), stored(house, 3)
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)
    return [("damaged", one.name, "parity"), ("damaged", other.name, "parity")]


def _missing(house):  # noqa: F811
    _one, path = stored(house, 2)
    path.unlink()
    return [("missing", path.name, "parity")]


def _extra(house):  # noqa: F811
    strange = house.settings.OBJECT_ROOT / "ab" / "00000000-0000-7000-8000-000000000000"
    strange.parent.mkdir(exist_ok=True)
    strange.write_bytes(os.urandom(900))
    return [("extra", strange.name, "")]


def volume(house):  # noqa: F811
    return sealed_store().root.path_of(object_id(house.case_file)) / "v1/content/volume-1.zip.rde"


def _sealed(house):  # noqa: F811
    flip(volume(house))
    return [("damaged", "volume-1.zip.rde", "parity")]


def _sealed_missing(house):  # noqa: F811
    volume(house).unlink()
    return [("missing", "volume-1.zip.rde", "parity")]


def _parity(house):  # noqa: F811
    flip(block_path(ParityGroup.objects.first(), "p"))
    return [("parity", "parity/", "store")]


def _index_structure(house):  # noqa: F811
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {PAGES}_data SET block = zeroblob(length(block)) WHERE id = "
            f"(SELECT max(id) FROM {PAGES}_data)"
        )
    return [("index", "search", ""), ("database", "integrity_check", "")]


def _index_lacks(house):  # noqa: F811
    document = Document.objects.filter(kind="n").first()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {PEOPLE}_docsize WHERE id = %s", [document.pk])
    return [("index", "search", "")]


def _index_strange(house):  # noqa: F811
    engine().add(PAGES, 999_999, "多出", [])
    return [("index", "search", "")]


def _index_says_otherwise(house):  # noqa: F811
    """Sound in itself and complete, but a page is found by another page's words."""
    first, second = Document.objects.filter(kind="p").order_by("pk")[:2]
    words = [one.text.words for one in (first, second)]
    for one, text in zip((first, second), reversed(words), strict=True):
        change_row(DocumentText.objects.get(pk=one.pk), words=text)
    assert not is_indexed(Document.objects.get(pk=first.pk))
    return [("index", "search", "")]


def _digest(house):  # noqa: F811
    one, path = stored(house)
    StoredObject.objects.filter(pk=one.pk).update(digest="0" * 64)
    return [("damaged", path.name, ""), ("page-changed", "sealed/", "")]


def _object_row_gone(house):  # noqa: F811
    """No row speaks of the file any more, and it is no file just being written."""
    other = small_stranger(house)
    return [("extra", other, "")]


def small_stranger(house):  # noqa: F811
    one = house.put(1, 900)[0]
    StoredObject.objects.filter(pk=one.pk).delete()
    return str(one.pk)


def _page_row(house):  # noqa: F811
    page = Page.objects.filter(item__case_file=house.case_file).order_by("pk").last()
    first = StoredObject.objects.exclude(pk=page.original_id).order_by("pk").first()
    Page.objects.filter(pk=page.pk).update(original=first)
    return [("page-changed", "sealed/", "")]


def _title(house):  # noqa: F811
    Item.objects.filter(case_file=house.case_file, title="体检表").update(title="别的表")
    return [("item-changed", "sealed/", "")]


def _values_swapped(house):  # noqa: F811
    swap_values(*Fact.objects.filter(person=house.case_file.person).order_by("pk")[:2])
    return [("sealed-value", "columns/people_fact", "")]


def _count(house):  # noqa: F811
    CaseFile.objects.filter(pk=house.case_file.pk).update(page_count=9)
    return [("page-count", "catalogue/", "")]


def _ledger(house):  # noqa: F811
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='ledger_entry'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute("UPDATE ledger_entry SET event = 'person:forget' WHERE seq = 3")
    assert Entry.objects.get(seq=3).event == "person:forget"
    return [("", "ledger/3", "")]


SEEDS = {
    seed.__name__.strip("_"): seed
    for seed in (
        *(_xor, _truncated, _swapped, _missing, _extra, _sealed, _sealed_missing, _parity),
        *(_index_structure, _index_lacks, _index_strange, _index_says_otherwise),
        *(_digest, _object_row_gone, _page_row, _title, _values_swapped, _count, _ledger),
    )
}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_seeded_damage_is_found_named_and_an_alarm(filed, seed, monkeypatch):
    expected = SEEDS[seed](filed)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 2 * 1200 * 10**9)  # later on
    found = scrubbed()
    for code, name, mended in expected:
        hits = [one for one in found if (not code or one[0] == code) and name in one[1]]
        assert hits and {one[2] for one in hits} == {mended}, found
    assert all(any(name in one[1] for _code, name, _mended in expected) for one in found), found
    assert Alarm.objects.exists()
    again = [one for one in scrubbed() if any(expect[2] for expect in expected)]
    assert again == []  # what was mended is whole


def test_a_clean_house_is_silent_however_often_it_is_read(filed):
    for _ in range(3):
        assert scrubbed() == []
    assert not Alarm.objects.exists() and not KeptFile.objects.filter(group=None).count() > 1


def test_the_pace_is_kept_between_the_files_of_a_real_pass(filed, monkeypatch):
    filed.put(4, 4_000_000)
    rests = []
    monkeypatch.setattr(time, "sleep", rests.append)
    run = scrub(rate=1)
    assert len(rests) == run.result["files"]
    # Each rest is what is wanting so far: as nobody really rests, the last is nearly the whole pass.
    assert 0 < rests[-1] <= run.result["bytes"] / 10**6
    rests.clear()
    scrub(rate=0)
    assert not any(rests)


def test_what_a_killed_process_was_writing_goes_and_is_no_finding(filed):
    from rongdang.base import leftovers

    dead = f"{leftovers._machine()}-{2**22 + 1}"
    beside = [filed.file(StoredObject.objects.first()), volume(filed)]
    left = [path.with_name(f".{path.name}.{dead}.tmp") for path in beside]
    living = leftovers.unfinished(beside[0]).with_name(
        f".{beside[0].name}.{leftovers._machine()}-{os.getppid()}.tmp"
    )
    for path in (*left, living):
        path.write_bytes(b"half")
    orphan = filed.settings.PARITY_ROOT / "ff" / "00000000-0000-7000-8000-0000000000ff.p"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"block")
    os.utime(orphan, (1, 1))
    assert scrubbed() == []
    assert not any(path.exists() for path in (*left, orphan)) and living.exists()
    living.unlink()


def test_the_report_names_what_was_mended_and_what_was_not(filed):
    _title(filed)
    _missing(filed)
    run = scrub(checks=CHECKS)
    text = text_of(run)
    assert "[missing] objects/" in text and "[item-changed] sealed/" in text
    assert "已修 / mended 1" in text and "未修 / not mended 1" in text
    assert json.loads(json.dumps(run.result))["complete"]
