"""Fills a house for the walks: units, accounts, files, batches at every step. Prints what it made as JSON.

Runs in a process of its own (RONGDANG_VAR says where); every write goes through the services.
"""

import io
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongdang.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import django

django.setup()

from django.conf import settings
from django.db import transaction

from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.orgs.services import create_unit
from rongdang.capture.batches import reading_services, secret_services
from rongdang.capture.batches import services as batches
from rongdang.capture.batches.page_reading import PageReading
from rongdang.capture.batches.states import UploadState
from rongdang.capture.reading.values import FieldReading, Material, SecretHit
from rongdang.capture.review import services as review
from rongdang.capture.review.offering import offer_proposals
from rongdang.capture.review.proposals import Proposal
from rongdang.capture.sources import looking, proposing, running
from rongdang.capture.sources import services as sources
from rongdang.capture.sources.recipe_text import to_text
from rongdang.describe.access.opening import open_file
from rongdang.describe.casefiles.registering import RegisteredItem, RegisterRow, take_over_register
from rongdang.describe.casefiles.services import ItemDescription
from rongdang.describe.linkage.models import Pair
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.services import make_source
from rongdang.keep.objects import services as objects
from rongdang.provide.quality import measuring
from tests.browser import drawn

PASSWORD = "walk-through-2026"
NEWCOMER = "990101198807040108"  # an invented ID number
FORM = [("姓名", 0.99), ("出生日期", 0.74), ("籍贯", 0.95), ("入伍日期", 0.45), ("入党日期", 0.96)]
PAYROLL = (
    "RYBH,XM,XB,CSRQ,SFZH,JX,BZ",
    "G001,高崎远,1,19340512,990101193405120014,上校,",
    "G002,温如玉,2,19360723,990101193607230025,少校,住院",
    "G003,,1,1938,,中校,",
    "合计,,,,,,3",
)
SAID = {"title": 0.98, "category": 0.97, "date": 0.93, "boundary": 0.99}


def people():
    """Units and one account for each role."""
    city = create_unit(
        code="9900",
        name="梧桐市军休中心",
        name_en="Wutong City Centre",
        parent=None,
        acting_user=None,
        fonds="X001",
    )
    home = create_unit(
        code="990101",
        name="梧桐里军休所",
        name_en="Wutongli Home",
        parent=city,
        acting_user=None,
        fonds="X011",
        batch_confirm=True,
    )
    create_unit(code="990102", name="银杏路军休所", parent=city, acting_user=None, fonds="X012")
    staff = {}
    for name, shown, role, unit in (
        ("zhoumin", "周敏", "clerk", home),
        ("qinzheng", "秦正", "reviewer", city),
        ("luyuan", "陆远", "leader", city),
        ("sunxi", "孙希", "system", city),
        ("anbao", "安葆", "security", city),
        ("shenji", "沈霁", "audit", city),
        ("second", "沈二", "audit", city),
        ("keyholder", "钥匙", "", city),
        ("newcomer", "新人", "", city),
    ):
        number = NEWCOMER if name == "newcomer" else ""  # a role is proposed of whom is known
        user = create_user(
            username=name,
            display_name=shown,
            password=PASSWORD,
            id_number=number,
            acting_user=None,
        )
        if role:
            assign_role(user=user, role=role, unit=unit, acting_user=None)
        staff[name] = user
    return home, staff


def batch_of(home, clerk, note, pages):
    """A batch whose pages [(title, [(label, value, confidence)])] are read; not yet offered."""
    batch = batches.open_batch(
        unit=home, acting_user=clerk, source="browser", declared=True, note=note
    )
    scans, layers = [], []
    for number, (title, rows) in enumerate(pages):
        jpeg, layer = drawn.page(title, rows)
        jpeg += f"{batch.number}/{number}".encode()  # no two files alike
        upload = batches.receive_file(
            batch,
            name=f"{number + 1:03d}.jpg",
            data=io.BytesIO(jpeg),
            size=len(jpeg),
            acting_user=clerk,
        )
        with transaction.atomic():
            scan = reading_services.keep_page(upload, number=0, original=upload.stored, dpi=150)
            reading_services.finish_split(upload, expected=1, found=1, troubles=[])
        scans.append(scan)
        layers.append((jpeg, layer))
    return batch, scans, layers


def read(scans, layers, rejects=()):
    for number, (scan, (jpeg, layer)) in enumerate(zip(scans, layers, strict=True)):
        said = tuple(rejects) if number == 0 else ()
        quality = {
            "dpi": 300,
            "blur": 0.1,
            "skew": 0.2,
            "clipped": ["left"] if said else [],
            "show_through": 0.0,
        }
        reading = PageReading(
            0, jpeg, drawn.WIDTH, drawn.HEIGHT, 0, False, "", quality, said, layer
        )
        reading_services.keep_reading(
            scan, [(reading, objects.put(io.BytesIO(jpeg), "image/jpeg"))]
        )


def proposal(scans, layers, *, title, category, date, name, rows, person=None, sure=0.5, said=SAID):
    """What the machine proposes of a run of pages; the values stand on its first page."""
    layer = layers[0][1]
    fields = {
        label: FieldReading(
            value,
            value,
            confidence,
            0,
            drawn.box_of(layer, value),
            "“三”字像“五”" if confidence < 0.9 else "",
            "3 looks like 5" if confidence < 0.9 else "",
        )
        for label, value, confidence in rows
        if value
    }
    reading = Material(
        tuple(range(len(scans))), title, "page", category, date, False, name, fields, said
    )
    return Proposal(reading, scans, scans, person, name, sure)


def rows_of(name, birth="1938-04", joined="1956-02", confidences=FORM):
    values = {
        "姓名": name,
        "出生日期": birth,
        "籍贯": "山东莱阳",
        "入伍日期": joined,
        "入党日期": "1959-07",
    }
    return [(label, values[label], confidence) for label, confidence in confidences]


def offered(home, clerk, note, names, *, pages_each=1, sure=False, person=None):
    """A batch in review with one 履历表 for each name."""
    confidences = [(label, 0.97) for label, _c in FORM] if sure else FORM
    stacks, pages = [], []
    for name in names:
        rows = rows_of(name, confidences=confidences)
        stacks.append((name, rows))
        pages += [
            ("干部履历表", rows),
            *[("续页", [("经历", f"某部三连战士{n}", 0.9)]) for n in range(1, pages_each)],
        ]
    batch, scans, layers = batch_of(home, clerk, note, pages)
    batch = batches.close_batch(batch, acting_user=clerk)
    read(scans, layers)
    found = [
        proposal(
            scans[at : at + pages_each],
            layers[at : at + pages_each],
            title="干部履历表",
            category="1",
            date="1962-03-15",
            name=name,
            rows=rows,
            person=person,
            sure=0.97 if sure else 0.5,
        )
        for at, (name, rows) in zip(range(0, len(scans), pages_each), stacks, strict=True)
    ]
    batch.refresh_from_db()
    offer_proposals(batch, found)
    batch.refresh_from_db()
    return batch


def confirm_all(batch, reviewer):
    for material in batch.materials.order_by("sequence"):
        review.confirm_material(
            material,
            review.Decision(
                title=material.title,
                category=material.category,
                formed=material.formed,
                values={entry["name"]: entry["value"] for entry in material.fields},
                person=material.person_id,
                new_name="" if material.person_id else material.person_name,
            ),
            version=material.version,
            acting_user=reviewer,
        )


def filed_person(home, clerk, reviewer, name):
    """A person with two materials on file that do not agree on the birth date."""
    first = offered(home, clerk, "已归卷", [name], pages_each=2)
    confirm_all(first, reviewer)
    person = first.materials.get().person
    rows = rows_of(name, birth="1936-04")
    batch, scans, layers = batch_of(home, clerk, "又一份", [("入党志愿书", rows)])
    batch = batches.close_batch(batch, acting_user=clerk)
    read(scans, layers)
    batch.refresh_from_db()
    offer_proposals(
        batch,
        [
            proposal(
                scans,
                layers,
                title="入党志愿书",
                category="6",
                date="1959-07",
                name=name,
                rows=rows,
                person=person.pk,
            )
        ],
    )
    batch.refresh_from_db()
    confirm_all(batch, clerk)
    # It moves the birth date that holds, so a second person looks.
    kept = batch.materials.get()
    review.check_material(kept, right=True, version=kept.version, acting_user=reviewer)
    person.refresh_from_db()
    return person


def main():
    home, staff = people()
    clerk, reviewer = staff["zhoumin"], staff["qinzheng"]
    made = {"password": PASSWORD}
    person = filed_person(home, clerk, reviewer, "林长河")
    made["person"] = str(person.pk)
    made["doubt"] = str(person.doubts.get(code="sources:birth").pk)
    open_file(person.case_file, code="daily", note="", acting_user=staff["luyuan"])
    take_over_register(
        home,
        [
            RegisterRow(
                name="贺兰亭",
                facts={"性别": "女", "出生日期": "1936-01"},
                place=("3", "12", "04", "07"),
                items=[
                    RegisteredItem(
                        ItemDescription(title="工资审批表", category="9-1", formed="1962-03"), 4
                    )
                ],
            )
        ],
        acting_user=clerk,
    )
    from rongdang.describe.people.models import Person

    made["on_paper"] = str(Person.objects.get(name="贺兰亭").pk)
    for key, names, each in (
        ("keyboard", ["沈怀瑾", "谢云帆"], 1),
        ("acts", ["唐秉衡", "褚文渊"], 3),
        ("refused", ["鲁守正"], 1),
        ("shots", ["方晓东"], 2),
    ):
        made[key] = str(offered(home, clerk, key, names, pages_each=each).pk)
    made["sure"] = str(offered(home, clerk, "sure", ["林长河"], sure=True, person=person.pk).pk)
    settings.SECOND_CHECK_PERCENT = 100
    check = offered(home, clerk, "check", ["白一鸣"])
    confirm_all(check, staff["zhoumin"])
    made["check"] = str(check.materials.get().pk)
    settings.SECOND_CHECK_PERCENT = 0
    made["rescan"] = str(troubled(home, clerk))
    made["receiving"] = str(receiving(home, clerk))
    made |= old_system(home, clerk)
    made["pair"] = alike(home, clerk)
    measuring.measure(acting_user=None)
    print(json.dumps(made))


def alike(home, clerk):
    """Two records that may be one person."""
    people = [
        create_person(unit=home, name=name, acting_user=clerk) for name in ("卓远舟", "卓远洲")
    ]
    for person in people:
        confirm_facts(person, [FactValue("出生日期", "1933-11-02")], acting_user=clerk)
    first, second = sorted(person.pk for person in people)
    pair = Pair.objects.create(
        first_id=first,
        second_id=second,
        scope=home.path,
        probability=0.91,
        reasons="birth:day name:one_off",
    )
    return str(pair.pk)


def old_system(home, clerk):
    """A payroll table: mapped as proposed, tried, imported; one of its rows was refused."""
    source = make_source(unit=home, name="工资系统", kind="table", acting_user=clerk)
    table = io.BytesIO("\n".join(PAYROLL).encode("gb18030"))
    delivery = sources.deliver(source, [("工资.csv", table)], table="工资", acting_user=clerk)
    profile = looking.profile_of(looking.look(delivery.pk).profile)
    proposed = proposing.recipe_of(proposing.guesses(profile), profile)
    recipe = sources.save_recipe(source, to_text(proposed), why="", acting_user=clerk)
    trial = running.read_on(sources.start(delivery, recipe, dry=True, acting_user=clerk).pk)
    run = running.read_on(sources.start(delivery, recipe, as_seen=trial, acting_user=clerk).pk)
    kept = {"source": source, "delivery": delivery, "trial": trial, "run": run}
    return {name: str(one.pk) for name, one in kept.items()}


def troubled(home, clerk):
    """Pages below the standard, not read, stopped; and a file that was refused."""
    batch, scans, layers = batch_of(
        home, clerk, "有问题的", [("干部履历表", rows_of(f"邵行{n}")) for n in range(4)]
    )
    batches.receive_file(batch, name="空文件.pdf", data=io.BytesIO(b""), size=0, acting_user=clerk)
    batch = batches.close_batch(batch, acting_user=clerk)
    read(
        scans[:2],
        layers[:2],
        rejects=[("clipped", "左边的字被切掉，请重扫。", "Writing cut off; scan again.")],
    )
    reading_services.fail_scan(scans[2], zh="图像坏了，读不出来。", en="The image is broken.")
    secret_services.stop_secret(
        scans[3], SecretHit("mark", (0.1, 0.1, 0.2, 0.2), "密级标志", "a mark of secrecy")
    )
    batch.refresh_from_db()
    rows = rows_of("邵行0")
    offer_proposals(
        batch,
        [
            proposal(
                scans[:2],
                layers[:2],
                title="干部履历表",
                category="1",
                date="1962",
                name="邵行0",
                rows=rows,
            )
        ],
    )
    return batch.pk


def receiving(home, clerk):
    batch = batches.open_batch(
        unit=home, acting_user=clerk, source="browser", declared=True, note="还在收"
    )
    upload = batches.begin_upload(batch, name="没传完.pdf", size=1000, acting_user=clerk)
    batches.receive_part(upload, offset=0, data=b"x" * 400, acting_user=clerk)
    assert upload.state == UploadState.RECEIVING
    return batch.pk


if __name__ == "__main__":
    main()
