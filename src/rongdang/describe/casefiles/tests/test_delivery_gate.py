"""A delivery past the gate and the cage: whatever of it bears a mark, or does not open, stops it whole."""

import io
import json

import pytest
from PIL import ExifTags, Image

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.gate import services as gate
from rongdang.base.ledger import queries as ledger
from rongdang.capture.batches import rereading
from rongdang.capture.batches.tests.factories import ScriptedEngine, layer
from rongdang.capture.reading.tests.papers import Paper
from rongdang.describe.casefiles.importing import import_directory
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.tests.filing import ID, image
from rongdang.describe.people.models import Person
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.gbt33870.writing import SUPPLEMENT

pytestmark = pytest.mark.django_db
NAME = "9-1-1-0001.jpg"
MARKED = "机密★20年"


@pytest.fixture
def away(person_in, elsewhere):
    return person_in("lin", "reviewer", elsewhere)


class Delivery:
    """A plain folder as another house sends it; a test changes what it is about."""

    def __init__(self, folder):
        self.folder, self.supplement = folder, {}
        self.said = {"name": "石怀远", "ethnic": "汉族", "title": "任职命令", "note": ""}
        self.images = {"原始图像数据": image("raw"), "优化图像数据": image("clean")}

    def tells(self, **page):
        self.supplement["pages"] = {NAME: page}

    def write(self):
        for folder, data in self.images.items():
            (self.folder / folder).mkdir(parents=True)
            (self.folder / folder / NAME).write_bytes(data)
        said = self.said
        (self.folder / "a.xml").write_text(
            f"""<数字档案><人员基本信息><姓名>{said["name"]}</姓名><民族>{said["ethnic"]}</民族>
            <公民身份号码>{ID}</公民身份号码></人员基本信息><目录信息><档案目录条目><类号>9-1</类号><序号>1</序号>
            <材料名称>{said["title"]}</材料名称><材料形成时间>1985</材料形成时间><页数>1</页数><备注>{said["note"]}</备注>
            <原始图像数据>{NAME}</原始图像数据><优化图像数据>{NAME}</优化图像数据></档案目录条目></目录信息></数字档案>""",
            encoding="utf-8",
        )
        if self.supplement:
            told = json.dumps(self.supplement, ensure_ascii=False)
            (self.folder / SUPPLEMENT).write_text(told, encoding="utf-8")
        return self.folder


@pytest.fixture
def delivery(tmp_path):
    return Delivery(tmp_path / "送来")


def described(data, tag=ExifTags.Base.ImageDescription):
    exif = Image.Exif()
    exif[tag] = MARKED.encode()
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).save(out, "JPEG", exif=exif, dpi=(75, 75))
    return out.getvalue()


def _image(folder):
    def change(delivery):
        delivery.images[folder] = described(delivery.images[folder])

    return change


def _form(delivery):
    """Neither cell bears a mark by itself; the form asks for the level and is told one."""
    paper = Paper().table([["密级", "机密"]], 0.3)
    delivery.tells(layer=paper.layer().to_json())


WAYS = {
    "name": lambda d: d.said.update(name="石怀远（机密）"),
    "a detail of the person": lambda d: d.said.update(ethnic=MARKED),
    "title": lambda d: d.said.update(title=f"任职命令（{MARKED}）"),
    "note": lambda d: d.said.update(note=MARKED),
    "text that came along": lambda d: d.tells(layer=layer("通知", MARKED).to_json()),
    "a form that is told its level": _form,
    "fact": lambda d: d.supplement.update(facts=[{"field": "部职别", "value": "81234部队"}]),
    "words of a fact": lambda d: d.supplement.update(
        facts=[{"field": "部职别", "value": "某部", "original": MARKED}]
    ),
    "description of a master": _image("原始图像数据"),
    "description of a page": _image("优化图像数据"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_mark_anywhere_stops_the_delivery_whole(delivery, elsewhere, away, way):
    WAYS[way](delivery)
    with pytest.raises(DomainError) as refused:
        import_directory(delivery.write(), unit=elsewhere, acting_user=away)
    assert refused.value.code == "secret-mark"
    assert Alarm.objects.get().kind == "secret-suspected"
    for model in (StoredObject, CaseFile, Person):
        assert not model.objects.exists()


def test_without_a_mark_the_same_delivery_comes_in(delivery, elsewhere, away):
    assert import_directory(delivery.write(), unit=elsewhere, acting_user=away).page_count == 1


def test_a_page_told_to_be_blank_is_read_all_the_same(delivery, elsewhere, away):
    delivery.tells(blank=True)
    import_directory(delivery.write(), unit=elsewhere, acting_user=away)
    page = Page.objects.get()
    assert [entry.subject_id for entry in ledger.entries(event="page:import")] == [str(page.pk)]
    assert rereading.reread(str(page.pk), ScriptedEngine(layer(MARKED, "命令"))) is None
    assert not Page.objects.exists() and Alarm.objects.get().kind == "secret-suspected"


@pytest.mark.parametrize(
    "data,code",
    [
        (image("raw")[:-3000] + b"\xff\xd9", "damaged"),
        (b"\xff\xd8\xff\xe0" + image("raw", "PNG") + b"\xff\xd9", "damaged"),
        (image("raw") + b"<script>alert(1)</script>\xff\xd9", "polyglot"),
    ],
)
def test_an_image_that_does_not_open_in_the_cage_stops_it(delivery, elsewhere, away, data, code):
    delivery.images["原始图像数据"] = data
    with pytest.raises(DomainError) as refused:
        import_directory(delivery.write(), unit=elsewhere, acting_user=away)
    assert refused.value.code in (code, "unknown-format", "delivery")
    assert not StoredObject.objects.exists() and not CaseFile.objects.exists()


def test_while_the_gate_stands_open_a_marked_delivery_is_noted_and_comes_in(
    delivery, elsewhere, away, person_in, city
):
    officers = person_in("an", "security", city), person_in("xi", "system", city)
    opening = gate.propose(reason="本机已通过分级保护测评", hours=1, acting_user=officers[0])
    gate.decide(opening, agreed=True, acting_user=officers[1])
    WAYS["description of a master"](delivery)
    delivery.said["note"] = MARKED
    assert import_directory(delivery.write(), unit=elsewhere, acting_user=away).page_count == 1
    assert len(ledger.entries(event="secret:pass")) >= 2
