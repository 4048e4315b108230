"""N29: a house at work with planted people; whoever gets its disk finds none of them.

The main line is run through its services: register taken over, scans taken in, facts approved, reasons
and notes written wherever a person may write, sealed, searched, exported, keys rotated, backed up, and
one crash with its traceback. Then all it left is
searched: the database with its log, objects, sealed files, index, temporary files, what was printed,
the target of the backup. Then, stricter, every column of the database as its owner sees it: numbers
and addresses stand in none; names stand where lists and search need them, and nowhere else. Of
PostgreSQL its own files are searched: what docs/security/keys.md says of them is what holds.
"""

import base64
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib

import pytest

from rongdang.base.vocab import ids

SURNAMES = "阙 邰 郏 亓 仉 鄢 笪 逄 蔺 郜 蹇 昝 佴 缑 鄯 郗 厍 晁 勾 敖".split()
NAMES = [f"{surname}鹤骞" for surname in SURNAMES]


def number_of(place):
    first = f"9901011938{place % 12 + 1:02d}{place % 28 + 1:02d}{100 + place}"
    return first + ids.check_digit(first)


NUMBERS = [number_of(place) for place in range(20)]
PHONES = [f"1990776{place:02d}53" for place in range(20)]
ADDRESSES = [f"梧桐市鸬鹚巷{101 + place}号" for place in range(20)]
SECRET = [*NUMBERS, *PHONES, *ADDRESSES]
STEMS = (
    "鹤骞",
    "9901011938",
    "1990776",
    "梧桐市鸬鹚巷",
)  # one in each planted word: looked for first
WORK = """
import os, sys, threading, uuid
from pathlib import Path
here = Path(sys.argv[1])
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.jobs.worker import run_worker
from rongdang.base.orgs.services import create_unit
from rongdang.cli import main
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.tests.filing import small_file
from rongdang.keep.keys import services as keys
city = create_unit(code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X001")
unit = create_unit(code="990001", name="梧桐里军休所", parent=city, acting_user=None, fonds="X002")
def person(name, role, at=unit):
    user = create_user(username=name, display_name=name, password="correct horse 42", acting_user=None)
    assign_role(user=user, role=role, unit=at, acting_user=None)
    return user
clerk, reviewer = person("zhou", "clerk"), person("qin", "reviewer")
above = {"leader": person("liu", "leader"), "chief": person("cheng", "leader", city)}
above["guard"] = person("gu", "security", city)
assert main(["register", str(here / "register.csv"), "--unit", "990001", "--user", "qin", "--json"]) == 0
ingest = ["ingest", str(here / "in"), "--unit", "990001", "--user", "zhou", "--no-secrets", "--read"]
assert main([*ingest, "--json"]) == 0
case_file = small_file(unit, reviewer, sys.argv[2], sys.argv[3])
from rongdang.keep.keys.tests.planting import write_everywhere
people = {"clerk": clerk, "reviewer": reviewer, **above}
write_everywhere(sys.argv[4], sys.argv[5], case_file=case_file, people=people)
case_file.refresh_from_db()
seal_case_file(case_file, acting_user=reviewer)
run_worker(concurrency=1, until_idle=True)
keys.rotate("columns", acting_user=None, say=lambda *_: None)
keys.rotate("objects", acting_user=None, say=lambda *_: None)
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.exporting import export
from rongdang.describe.people.services import FactValue, confirm_facts
from rongdang.provide.search.queries import search
found = search(reviewer, [KEEP], sys.argv[2])
assert found.people and found.hits, found
told = {"password": "correct horse battery 42 staple", "acting_user": reviewer}
(here / "out").mkdir()
export(case_file.number, form="gbt33870", folder=here / "out", **told)
from rongdang.keep.backups import backing_up, secrecy
from rongdang.keep.backups.targets.folder import FolderTarget
readers = [secrecy.new_identity()[1] for _ in range(2)]
target = FolderTarget(here / "target", append_only=False)
backing_up.back_up(target, recipients=readers)
assert main([*ingest[:-2], "--json"]) in (0, 1)
def crash():  # evidence on a page there is not: the database itself refuses
    value = FactValue("公民身份号码", sys.argv[3], sys.argv[2], uuid.uuid4())
    confirm_facts(case_file.person, [value], acting_user=reviewer)
crashed = threading.Thread(target=crash)
crashed.start()
crashed.join()
os._exit(0)  # as by a cut of power: the write-ahead log stays
"""


def spellings(text):
    """In four encodings, and each of them in base64 wherever it may begin in the three-byte measure."""
    plain = {text.encode(name) for name in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")}
    return plain | {_inside(raw, shift) for raw in plain for shift in range(3)}


def _inside(raw, shift):
    """The base64 of `raw` behind `shift` other bytes, without what its neighbours would change."""
    coded = base64.b64encode(bytes(shift) + raw + bytes(2))
    first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
    return coded[first:last]


def found_in(folder, words):
    """(file, word) for every word that stands in a file or in a file's name."""
    stems = {stem: spellings(stem) for stem in STEMS}
    hits = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes() + str(path.relative_to(folder)).encode()
        near = [stem for stem, ways in stems.items() if any(way in data for way in ways)]
        close = [word for word in words if any(stem in word for stem in near)]
        hits |= {(path.name, word) for word in close if any(way in data for way in spellings(word))}
    return hits


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The folder of a house that has worked, with what it wrote to its log."""
    return at_work(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    """The same with a database that is not encrypted as a whole: what a PostgreSQL would hold."""
    return at_work(tmp_path_factory.mktemp("open"), RONGDANG_DATABASE_ENCRYPTED="no")


def at_work(root, **environment):
    from rongdang.capture.batches.tests.factories import page_image

    (root / "in").mkdir()
    (root / "tmp").mkdir()
    rows = zip(NAMES[:19], NUMBERS, PHONES, ADDRESSES, strict=False)
    table = ["姓名,公民身份号码,联系电话,现住址", *(",".join(row) for row in rows)]
    (root / "register.csv").write_text("\n".join(table), encoding="utf-8")
    for place in range(3):
        scanned = root / "in" / f"{NAMES[place]}{NUMBERS[place]}.jpg"
        scanned.write_bytes(page_image(place + 1))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RONGDANG")}
    words = f"{NAMES[5]}的女儿来电 {PHONES[5]}，身份证 {NUMBERS[5]}，现住{ADDRESSES[5]}"
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(root), NAMES[19], NUMBERS[19], NAMES[5], words],
        env={
            **clean,
            "RONGDANG_VAR": str(root / "var"),
            "RONGDANG_OCR": "null",
            "RONGDANG_DATABASE": "sqlite",
            "TMPDIR": str(root / "tmp"),
            "DJANGO_SETTINGS_MODULE": "rongdang.config.settings",
            **environment,
        },
        capture_output=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr.decode()
    (root / "var" / "log").write_bytes(done.stdout + done.stderr)
    return root


PLACES = ("var", "tmp", "target", "out")


def test_n29_no_planted_name_or_number_on_the_disk(house):
    files = {path.name for path in house.rglob("*") if path.is_file()}
    assert {"rongdang.db", "rongdang.db-wal", "ring.json", "log", "manifest.age"} <= files
    assert any(path.suffix == ".zip" for path in (house / "out").iterdir())
    assert b"Traceback" in (house / "var" / "log").read_bytes()
    for place in PLACES:
        assert found_in(house / place, [*NAMES, *SECRET]) == set(), place


@pytest.mark.parametrize("way", ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "base64"])
@pytest.mark.parametrize("place", PLACES)
def test_n29_what_is_written_plainly_in_one_of_these_places_is_found(house, place, way):
    text = f"<<{NAMES[7]}，{NUMBERS[7]}>>"
    raw = base64.b64encode(text.encode()) if way == "base64" else text.encode(way)
    planted = house / place / "planted"
    planted.write_bytes(os.urandom(1000) + raw + os.urandom(1000))
    try:
        hits = found_in(house / place, [*NAMES, *SECRET])
    finally:
        planted.unlink()
    assert hits == {("planted", NAMES[7]), ("planted", NUMBERS[7])}


def test_n29_in_postgresql_numbers_and_addresses_stand_in_none_of_its_files(
    django_db_setup, django_db_blocker, tmp_path
):
    """Tables, indexes and log of the cluster. Names are found: lists are made of them (keys.md)."""
    from django.db import connection

    from rongdang.keep.backups.tests.clusters import Cluster, copy_of_the_schema

    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's files are searched in the round of PostgreSQL")
    with django_db_blocker.unblock():
        cluster = Cluster()
        try:
            copy_of_the_schema(cluster)
            cluster.psql("CREATE DATABASE house TEMPLATE empty")
            told = {"HOST": cluster.row["HOST"], "USER": "rongdang", "NAME": "house"}
            named = {f"RONGDANG_DB_{name}": value for name, value in told.items()}
            root = at_work(tmp_path, RONGDANG_DATABASE="postgresql", **named)
            cluster.psql("CHECKPOINT")
            shutil.copytree(cluster.data, root / "cluster")
        finally:
            cluster.remove()
    assert found_in(root / "cluster", SECRET) == set()
    assert {word for _file, word in found_in(root / "cluster", NAMES)} == set(NAMES)
    for place in PLACES:
        assert found_in(root / place, [*NAMES, *SECRET]) == set(), place


def test_n29_the_search_does_find_what_is_there(open_house):
    # The control: without encryption of the whole database the same search finds the names.
    hits = {word for _file, word in found_in(open_house / "var", NAMES)}
    assert hits == set(NAMES)


def test_n29_numbers_and_addresses_are_not_in_the_database_even_when_it_is_open(open_house):
    assert found_in(open_house / "var", SECRET) == set()


# Names are searchable by design: lists, titles of papers, and whose file a batch may be.
NAMED = {
    "people_person.name",
    "accounts_user.username",
    "accounts_user.display_name",
}


def test_n29_names_stand_only_where_lists_and_search_need_them(open_house):
    database = sqlite3.connect(open_house / "var" / "rongdang.db")
    tables = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%'"
    ).fetchall()
    holding = set()
    for (table,) in tables:
        rows = database.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in rows.description]
        for row in rows:
            for column, value in zip(columns, row, strict=True):
                text = plain(value)
                assert not any(word in text for word in SECRET), (table, column)
                if any(name in text for name in NAMES):
                    holding.add(f"{table}.{column}")
    assert holding <= NAMED, holding - NAMED


def plain(value):
    """A value as text; what is deflated is inflated first."""
    if isinstance(value, bytes):
        try:
            value = zlib.decompress(value)
        except zlib.error:
            pass
        return value.decode("utf-8", "replace")
    return str(value)
