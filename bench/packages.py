"""Cost of packages, CPU milliseconds a page: seal, verify, searchable PDF/A, GB/T 33870 out and in.

Run: python bench/packages.py [--pages 40]
Prints JSON. A page is two JPEGs of A4 at 300 dpi and a text layer of 45 lines, all different.
"""

import argparse
import io
import json
import os
import tempfile
import time
import zlib
from pathlib import Path

PASSWORD = "bench Harbour-41"
LINE = "一九五三年七月由部队转业到地方工作任职"


def picture(seed):
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(seed)
    page = np.full((3508, 2480, 3), 235, np.uint8) + random.integers(0, 12, (3508, 2480, 1), np.uint8)
    for _ in range(600):
        y, x = random.integers(0, 3400), random.integers(0, 2400)
        page[y : y + 30, x : x + 4] = page[y : y + 4, x : x + 30] = 20
    file = io.BytesIO()
    Image.fromarray(page).save(file, "JPEG", quality=85, dpi=(300, 300))
    return file.getvalue()


def marked(data, number):
    """The same picture as other bytes: a comment at its end."""
    return data[:-2] + b"\xff\xfe\x00\x0a%08d" % number + b"\xff\xd9"


def text():
    from rongdang.base.textlayer import Char, Line, TextLayer

    lines = []
    for row in range(45):
        y = 0.02 + row * 0.02
        chars = tuple(Char(c, (0.1 + 0.04 * n, y, 0.14 + 0.04 * n, y + 0.015), 0.9) for n, c in enumerate(LINE))
        lines.append(Line(LINE, (0.1, y, 0.9, y + 0.015), 0.98, chars))
    return zlib.compress(TextLayer("bench 1", 2480, 3508, tuple(lines), (), ()).to_json().encode(), 6)


def case_file_of(count, unit, user):
    from rongdang.describe.casefiles.services import ItemDescription, PageSource, file_item, open_case_file
    from rongdang.describe.people.services import create_person
    from rongdang.keep.objects import services as objects

    case_file = open_case_file(create_person(unit=unit, name="石怀远", acting_user=user), acting_user=user)
    master, shown, layer = picture(1), picture(2), text()
    sources = []
    for number in range(count):
        kept = [objects.put(marked(data, number), "image/jpeg").pk for data in (master, shown)]
        sources.append(PageSource(*kept, 2480, 3508, 300, 0, False, "bench 1", layer))
    for start in range(0, count, 4):
        file_item(case_file, ItemDescription("履历表", "1", f"{1950 + start // 4}"), sources[start : start + 4], acting_user=user)
    case_file.refresh_from_db()
    return case_file, (len(master) + len(shown)) / 1024


def measure(count, folder):
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit
    from rongdang.describe.casefiles import exporting, importing
    from rongdang.describe.casefiles.sealing import seal_case_file
    from rongdang.describe.casefiles.verifying import verify_all

    unit = create_unit(code="99", name="测试单位", parent=None, acting_user=None, fonds="X099")
    user = create_user(username="bench", display_name="bench", password=PASSWORD, acting_user=None)
    assign_role(user=user, role="reviewer", unit=unit, acting_user=None)
    case_file, size = case_file_of(count, unit, user)
    rows = {"pages": count, "KB a page in": round(size)}

    def timed(name, act):
        start = time.process_time()
        result = act()
        rows[f"{name}, CPU ms a page"] = round((time.process_time() - start) * 1000 / count, 2)
        return result

    timed("seal", lambda: seal_case_file(case_file, acting_user=user))
    report = timed("verify", lambda: verify_all(read_objects=True))
    timed("verify --quick", lambda: verify_all(read_objects=False))
    out = {form: timed(f"export {form}", lambda form=form: exporting.export(case_file.number, form=form, folder=folder / form, password="" if form == "pdf" else PASSWORD, acting_user=user)) for form in ("pdf", "gbt33870")}
    rows["PDF KB a page over its image"] = round(out["pdf"][0].stat().st_size / 1024 / count - size / 2, 2)
    rows["verify ok"] = report.ok
    timed("import gbt33870", lambda: importing.import_directory(out["gbt33870"][0], unit=unit, acting_user=user, password=PASSWORD))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        os.environ["RONGDANG_VAR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongdang.config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        print(json.dumps(measure(options.pages, Path(folder) / "out"), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
