"""Whose page it is: proposed, never filed silently; stacks are cut at separator sheets."""

import io
import uuid
from itertools import pairwise

import pytest
import segno
from PIL import Image

from rongdang.capture.batches import separators
from rongdang.capture.batches.models import Scan
from rongdang.capture.batches.tests.factories import closed_batch, form, layer, page_image, run_jobs
from rongdang.capture.review import services
from rongdang.capture.review.models import Material
from rongdang.capture.review.proposals import LONGEST, segments
from rongdang.capture.review.tests.factories import decision, in_review
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    confirm_facts(person, [FactValue("出生日期", "1938-04")], acting_user=clerk)
    open_case_file(person, acting_user=clerk)
    return person


def sheet(payload):
    """A separator sheet as scanned."""
    code = io.BytesIO()
    segno.make(payload, error="h", micro=False).save(code, kind="png", scale=8, border=4)
    page = Image.new("RGB", (620, 877), "white")
    page.paste(Image.open(code).convert("RGB"), (120, 200))
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(72, 72))
    return out.getvalue()


def test_a_known_person_is_proposed_and_still_to_be_confirmed(known, station, clerk, engine):
    engine(form(出生日期="一九三八年四月"))
    material = in_review(station, clerk, 1).materials.get()
    assert material.person == known and material.confidence["person"] >= 0.9
    assert material.state == "proposed"


def test_a_name_alone_is_not_called_sure(known, station, clerk, engine):
    engine(form())
    material = in_review(station, clerk, 1).materials.get()
    assert material.person == known and material.confidence["person"] < 0.9


def test_a_namesake_born_in_another_year_is_somebody_new(known, station, clerk, engine):
    engine(form(出生日期="一九四五年一月"))
    material = in_review(station, clerk, 1).materials.get()
    assert material.person is None and material.person_name == "林长河"
    assert material.confidence["person"] == 0.0


def test_of_two_namesakes_the_machine_chooses_none(known, station, clerk, engine):
    create_person(unit=station, name="林长河", acting_user=clerk)
    engine(form())
    material = in_review(station, clerk, 1).materials.get()
    assert material.person is None


def test_a_person_of_another_unit_is_never_proposed(elsewhere, stranger, station, clerk, engine):
    create_person(unit=elsewhere, name="林长河", acting_user=stranger)
    engine(form())
    assert in_review(station, clerk, 1).materials.get().person is None


def test_a_page_of_another_person_in_the_stack_is_a_material_of_his(known, station, clerk, engine):
    engine(
        form(出生日期="一九三八年四月"),
        form(name="何海生", title="入党志愿书", date="一九六三年五月一日"),
        form(title="干部任免审批表", date="一九七一年二月二日"),
    )
    materials = list(in_review(station, clerk, 3).materials.all())
    assert [m.person_name for m in materials] == ["林长河", "何海生", "林长河"]
    assert materials[1].person is None and materials[1].confidence["person"] == 0.0


def test_a_material_without_a_name_is_proposed_for_the_only_one_named_with_doubt(
    known, station, clerk, engine
):
    engine(
        form(出生日期="一九三八年四月"),
        layer("关于几个问题的说明材料", "内容", "一九七一年二月二日"),
    )
    materials = list(in_review(station, clerk, 2).materials.all())
    assert len(materials) == 2
    assert materials[1].person == known and materials[1].confidence["person"] < 0.9


def test_a_separator_sheet_names_the_person_and_cuts_the_stack(known, station, clerk, engine):
    number = known.case_file.number
    engine(layer("无名的一页"), layer("另一页"), layer("又一页"))
    batch = closed_batch(
        station,
        clerk,
        ("1.jpg", page_image(1)),
        ("2.png", sheet(separators.person_payload(number))),
        ("3.jpg", page_image(2)),
        ("4.png", sheet(separators.ITEM)),
        ("5.jpg", page_image(3)),
    )
    run_jobs()
    assert list(batch.scans.order_by("pk").values_list("state", flat=True)) == [
        "read",
        "separator",
        "read",
        "separator",
        "read",
    ]
    materials = list(batch.materials.all())
    assert [m.person for m in materials] == [None, known, known]
    assert [m.confidence["person"] for m in materials][1:] == [0.99, 0.99]


def test_a_sheet_for_somebody_new_ends_the_pages_of_the_person_before(
    known, station, clerk, engine
):
    engine(layer("一页"), layer("无名的一页"))
    closed_batch(
        station,
        clerk,
        ("1.png", sheet(separators.person_payload(known.case_file.number))),
        ("2.jpg", page_image(1)),
        ("3.png", sheet(separators.NEW_PERSON)),
        ("4.jpg", page_image(2)),
    )
    run_jobs()
    assert [m.person for m in Material.objects.order_by("sequence")] == [known, None]


def test_a_page_that_bears_another_name_behind_a_sheet_is_doubted(known, station, clerk, engine):
    engine(form(name="何海生"))
    batch = closed_batch(
        station,
        clerk,
        ("1.png", sheet(separators.person_payload(known.case_file.number))),
        ("2.jpg", page_image(1)),
    )
    run_jobs()
    material = batch.materials.get()
    assert material.person == known and material.confidence["person"] < 0.9
    assert material.person_name == "何海生"


def test_a_sheet_of_another_unit_s_file_names_nobody(known, elsewhere, stranger, engine):
    engine(layer("一页"))
    batch = closed_batch(
        elsewhere,
        stranger,
        ("1.png", sheet(separators.person_payload(known.case_file.number))),
        ("2.jpg", page_image(1)),
    )
    run_jobs()
    assert batch.materials.get().person is None


def test_a_new_person_is_made_only_by_a_decision(station, clerk, reviewer, engine):
    engine(form())
    material = in_review(station, clerk, 1).materials.get()
    assert not Person.objects.exists()
    services.confirm_material(material, decision(), version=1, acting_user=reviewer)
    assert Person.objects.get().name == "林长河"


def test_a_very_long_stack_is_cut_between_files_so_that_memory_stays_the_same():
    files = [uuid.uuid4() for _ in range(350)]
    scans = [Scan(upload_id=file, number=number) for file in files for number in (1, 2, 3)]
    scans[0].separator = separators.person_payload("9990-JX-0187")
    cut = segments(scans)
    *full, rest = (len(segment.scans) for segment in cut)
    # The last page may be followed by others of its file.
    assert full and all(LONGEST <= count < LONGEST + 3 for count in full)
    assert sum(full) + rest == len(scans) - 1 and rest < LONGEST
    assert {segment.number for segment in cut} == {"9990-JX-0187"}
    ends = [(left.scans[-1], right.scans[0]) for left, right in pairwise(cut)]
    assert all(last.upload_id != first.upload_id for last, first in ends)
