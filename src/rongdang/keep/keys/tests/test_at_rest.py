"""N29: a house at work with planted people; whoever gets its disk finds none of them.

Files: the database with its log, objects, sealed files, index, temporary files, what was printed to the
log. Then, stricter, every column of the database as its owner sees it: numbers and addresses stand in
none; names stand where lists and search need them, and nowhere else.
"""

import os
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
PHONES = [f"1990{place:02d}77{place:02d}3" for place in range(20)]
ADDRESSES = [f"梧桐市鸬鹚巷{101 + place}号" for place in range(20)]
SECRET = [*NUMBERS, *PHONES, *ADDRESSES]
WORK = """
import os, sys
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
def person(name, role):
    user = create_user(username=name, display_name=name, password="correct horse 42", acting_user=None)
    assign_role(user=user, role=role, unit=unit, acting_user=None)
    return user
clerk, reviewer = person("zhou", "clerk"), person("qin", "reviewer")
assert main(["register", str(here / "register.csv"), "--unit", "990001", "--user", "qin", "--json"]) == 0
ingest = ["ingest", str(here / "in"), "--unit", "990001", "--user", "zhou", "--no-secrets", "--read"]
assert main([*ingest, "--json"]) == 0
case_file = small_file(unit, reviewer, sys.argv[2], sys.argv[3])
seal_case_file(case_file, acting_user=reviewer)
run_worker(concurrency=1, until_idle=True)
keys.rotate("columns", acting_user=None, say=lambda *_: None)
keys.rotate("objects", acting_user=None, say=lambda *_: None)
os._exit(0)  # as by a cut of power: the write-ahead log stays
"""


def spellings(text):
    return {text.encode(name) for name in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")}


def found_in(folder, words):
    """(file, word) for every word that stands in a file or in a file's name."""
    hits = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes() + str(path.relative_to(folder)).encode()
        hits |= {(path.name, word) for word in words if any(s in data for s in spellings(word))}
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
    (root / "in" / f"{NAMES[0]}{NUMBERS[0]}.jpg").write_bytes(page_image(1))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RONGDANG")}
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(root), NAMES[19], NUMBERS[19]],
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
    (root / "var" / "log").write_bytes(done.stderr)
    return root


def test_n29_no_planted_name_or_number_on_the_disk(house):
    files = {path.name for path in (house / "var").rglob("*") if path.is_file()}
    assert {"rongdang.db", "rongdang.db-wal", "ring.json", "log"} <= files
    assert found_in(house / "var", [*NAMES, *SECRET]) == set()
    assert found_in(house / "tmp", [*NAMES, *SECRET]) == set()


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
