"""Out and in again: the same file; and every refusal in words."""

import io
import zipfile

import pikepdf
import pypdfium2
import pytest
import pyzipper

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger import queries as ledger
from rongdang.describe.access.predicate import TRANSFER
from rongdang.describe.casefiles import cataloguing, exporting
from rongdang.describe.casefiles.importing import import_directory
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.tests.filing import ID, image, small_file
from rongdang.describe.people.models import Fact, Person
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.gbt33870.values import DeliveryError
from rongdang.keep.packages.pdfa.checking import check_pdfa

PASSWORD = "梧桐 Harbour-41"


@pytest.fixture
def case_file(station, reviewer):
    return small_file(station, reviewer)


@pytest.fixture
def away(person_in, elsewhere):
    return person_in("lin", "reviewer", elsewhere)


def forget(case_file):
    """An empty unit: as if this were another installation."""
    Fact.objects.all().delete()
    Page.objects.all().delete()
    case_file.items.all().delete()
    CaseFile.objects.all().delete()
    Person.objects.all().delete()


def told(case_file, *, jpeg_only=False):
    catalogue = cataloguing.catalogue_of(case_file)
    items = []
    for item in catalogue["items"]:
        pages = [
            {key: page[key] for key in page if key not in ("id", "original", "original_type")}
            | {
                "original": page["original"]
                if page["original_type"] == "image/jpeg" and not jpeg_only
                else ""
            }
            for page in item["pages"]
        ]
        items.append({key: value for key, value in item.items() if key != "id"} | {"pages": pages})
    facts = [
        {k: f[k] for k in ("field", "value", "original", "formed", "confidence", "box")}
        | {"proved": bool(f["page"])}
        for f in catalogue["facts"]
    ]
    return items, facts, catalogue["person"]["record"]


def test_export_and_import_give_the_same_file_back(case_file, reviewer, elsewhere, away, tmp_path):
    Page.objects.filter(original__media_type="image/png").update(
        original=StoredObject.objects.filter(media_type="image/jpeg").first()
    )
    before = told(case_file)
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    forget(case_file)
    back = import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)

    assert told(back) == before
    assert (back.item_count, back.page_count, back.scheme) == (4, 6, "2018")
    assert back.person.unit == elsewhere
    assert back.items.get(title="任职命令").paper_only
    assert back.items.get(title="任职命令").sequence == 4
    assert ledger.entries(event="page:import").count() == 0
    assert ledger.entries(event="casefile:import").count() == 1


def test_a_master_that_is_no_jpeg_is_converted_and_the_note_says_so(
    case_file, reviewer, elsewhere, away, tmp_path
):
    masters = set(StoredObject.objects.values_list("digest", flat=True))
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    assert set(StoredObject.objects.values_list("digest", flat=True)) == masters
    before = told(case_file, jpeg_only=True)
    forget(case_file)
    back = import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)
    assert told(back, jpeg_only=True) == before
    assert back.items.get(title="军官登记表").note == "纸张发黄"


def inner(path, password=PASSWORD):
    outer = pyzipper.AESZipFile(path)
    outer.setpassword(password.encode())
    return zipfile.ZipFile(io.BytesIO(outer.read("档案.zip")))


def test_the_archive_hides_names_and_holds_the_standard_directory(case_file, reviewer, tmp_path):
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )

    raw = path.read_bytes()
    assert "石怀远".encode() not in raw + path.name.encode() and ID.encode() not in raw
    assert pyzipper.AESZipFile(path).infolist()[0].wz_aes_strength == 3  # AES-256
    with inner(path) as directory:
        names = set(directory.namelist())
        xml = directory.read(f"石怀远{ID}/石怀远{ID}.xml").decode()
    assert {
        f"石怀远{ID}/{folder}/1-1-000{n}.jpg"
        for folder in ("原始图像数据", "优化图像数据")
        for n in (1, 2)
    } <= names
    assert xml.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert "<备注>纸张发黄【复印件】【原始图像转为JPEG】</备注>" in xml
    assert "<备注>【拟题】【形成时间不详】</备注>" in xml


def test_a_plain_folder_without_our_additions_is_taken_and_its_pages_wait_to_be_read(
    shared_data, elsewhere, away, tmp_path
):
    home = tmp_path / "银杏路" / f"石怀远{ID}"
    for folder in ("原始图像数据", "优化图像数据"):
        (home / "图像数据" / folder).mkdir(parents=True)
        (home / "图像数据" / folder / "01-1-1.JPG").write_bytes(image(folder))
    (home / "目录.xml").write_bytes(
        f"""<?xml version="1.0" encoding="GB2312"?><数字档案><人员基本信息><姓名>石怀远</姓名><名族>汉族</名族>
        <身份证号>{ID}</身份证号></人员基本信息><目录信息><档案目录条目><类号>一</类号><序号>1</序号><材料名称>履历表</材料名称>
        <材料形成时间>1985</材料形成时间><页数>1</页数><备注/><原始图像数据>1-1-0001.jpg</原始图像数据><优化图像数据>1-1-0001.jpg</优化图像数据>
        </档案目录条目></目录信息></数字档案>""".encode("gb18030")
    )
    back = import_directory(tmp_path, unit=elsewhere, acting_user=away)

    page = Page.objects.get()
    assert (page.width, page.height, page.dpi, page.engine, page.layer) == (310, 438, 75, "", b"")
    assert [entry.subject_id for entry in ledger.entries(event="page:import")] == [str(page.pk)]
    assert back.person.record == {"姓名": "石怀远", "民族": "汉族", "公民身份号码": ID}


def test_a_delivery_without_an_id_number_is_recognised_too(elsewhere, away, tmp_path):
    (tmp_path / "a.xml").write_text(
        """<数字档案><人员基本信息><姓名>石怀远</姓名></人员基本信息><目录信息><档案目录条目><类号>1</类号><序号>1</序号>
        <材料名称>表</材料名称><材料形成时间>1985</材料形成时间><页数>3</页数><备注>未数字化</备注></档案目录条目></目录信息></数字档案>""",
        encoding="utf-8",
    )
    first = import_directory(tmp_path, unit=elsewhere, acting_user=away)
    assert (first.page_count, first.items.get().paper_only) == (3, True)
    with pytest.raises(ConflictError) as refused:
        import_directory(tmp_path, unit=elsewhere, acting_user=away)
    assert refused.value.code == "delivery-known"


def test_a_person_who_is_known_is_not_taken_twice(case_file, reviewer, elsewhere, away, tmp_path):
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    count = StoredObject.objects.count()
    with pytest.raises(ConflictError, match=case_file.number):
        import_directory(path, unit=case_file.custodian, acting_user=reviewer, password=PASSWORD)
    with pytest.raises(ConflictError, match="不在您的管辖范围内") as refused:
        import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)
    assert case_file.number not in refused.value.message()
    assert (StoredObject.objects.count(), CaseFile.objects.count(), Person.objects.count()) == (
        count,
        1,
        1,
    )


def test_the_same_delivery_again_is_recognised(case_file, reviewer, elsewhere, away, tmp_path):
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    forget(case_file)
    back = import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)
    with pytest.raises(ConflictError, match=back.number) as refused:
        import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)
    assert refused.value.code == "delivery-known"


@pytest.mark.parametrize(("password", "code"), [("", "password"), ("wrong horse 42", "password")])
def test_without_the_password_nothing_is_taken_in(
    case_file, reviewer, station, tmp_path, password, code
):
    [path] = exporting.export(
        case_file.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    with pytest.raises(DeliveryError) as refused:
        import_directory(path, unit=station, acting_user=reviewer, password=password)
    assert refused.value.code == code


def test_a_mark_of_state_secrets_stops_the_delivery(elsewhere, away, tmp_path):
    (tmp_path / "a.xml").write_text(
        f"""<数字档案><人员基本信息><姓名>石怀远</姓名><公民身份号码>{ID}</公民身份号码></人员基本信息><目录信息><档案目录条目>
        <类号>9-1</类号><序号>1</序号><材料名称>任职命令（机密★20年）</材料名称><材料形成时间>1985</材料形成时间><页数>1</页数><备注/>
        <原始图像数据>9-1-1-0001.jpg</原始图像数据><优化图像数据>9-1-1-0001.jpg</优化图像数据></档案目录条目></目录信息></数字档案>""",
        encoding="utf-8",
    )
    for folder in ("原始图像数据", "优化图像数据"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "9-1-1-0001.jpg").write_bytes(image(folder))
    with pytest.raises(DomainError) as refused:
        import_directory(tmp_path, unit=elsewhere, acting_user=away)
    assert refused.value.code == "secret-mark"
    assert StoredObject.objects.count() == CaseFile.objects.count() == 0


@pytest.mark.parametrize(
    "password", ["", "short1!", "aaaaaaaaaaaaaaaa", "石怀远1953abcdef", f"x{ID}", "onlyletterslong"]
)
def test_no_password_or_a_weak_one_gives_no_archive(case_file, reviewer, tmp_path, password):
    with pytest.raises(DomainError) as refused:
        exporting.export(
            case_file.number,
            form="gbt33870",
            folder=tmp_path,
            password=password,
            acting_user=reviewer,
        )
    assert refused.value.code == "weak-password"
    assert list(tmp_path.glob("*")) == [tmp_path / "var"]
    assert ledger.entries(event="casefile:export").count() == 0


def test_who_may_not_export_gets_nothing(case_file, clerk, away, tmp_path, person_in, station):
    for user in (clerk, away):
        with pytest.raises(DomainError) as refused:
            exporting.export(
                case_file.number, form="pdf", folder=tmp_path, password="", acting_user=user
            )
        assert refused.value.code == "no-case-file"
    with pytest.raises(NotPermittedError):
        exporting.build(case_file, form="pdf", password="", acting_user=clerk, purpose=TRANSFER)
    with pytest.raises(NotPermittedError):
        import_directory(tmp_path, unit=station, acting_user=person_in("boss", "leader", station))


def test_a_file_that_is_there_is_not_overwritten(case_file, reviewer, tmp_path):
    [path] = exporting.export(
        case_file.number, form="pdf", folder=tmp_path, password="", acting_user=reviewer
    )
    before = path.read_bytes()
    with pytest.raises(DomainError) as refused:
        exporting.export(
            case_file.number, form="pdf", folder=tmp_path, password="", acting_user=reviewer
        )
    assert refused.value.code == "exists"
    assert path.read_bytes() == before
    assert not [p for p in tmp_path.iterdir() if p.name.endswith(".tmp")]


def test_the_pdf_is_searchable_bookmarked_and_recorded(case_file, reviewer):
    built = exporting.build(
        case_file, form="pdf", password="", acting_user=reviewer, purpose=TRANSFER
    )
    data = built.stream.read()

    assert built.name == f"{case_file.number}.pdf"
    assert check_pdfa(io.BytesIO(data)) == []
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_range() for page in document]
    assert texts == ["干部履历表\r\n姓名 石怀远", "一九八五年三月", "军官登记表", "体检表"]
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        assert [(one.title, [child.title for child in one.children]) for one in outline.root] == [
            ("一 履历类材料", ["1 干部履历表", "2 军官登记表"]),
            ("九-4 " + outline.root[1].title.split(" ", 1)[1], ["1 体检表"]),
        ]
    assert ledger.detail_of(ledger.entries(event="casefile:export").get()) == {
        "form": "pdf",
        "items": 4,
        "pages": 6,
        "purpose": "transfer",
    }


def test_a_pdf_with_a_password_comes_in_an_encrypted_zip(case_file, reviewer):
    built = exporting.build(
        case_file, form="pdf", password=PASSWORD, acting_user=reviewer, purpose=TRANSFER
    )
    archive = pyzipper.AESZipFile(built.stream)
    archive.setpassword(PASSWORD.encode())
    assert built.name.endswith(".zip")
    assert archive.read(f"{case_file.number}.pdf").startswith(b"%PDF-1.7")


def test_age_is_another_way_to_encrypt(case_file, reviewer, elsewhere, away, tmp_path):
    [path] = exporting.export(
        case_file.number,
        form="gbt33870-age",
        folder=tmp_path,
        password=PASSWORD,
        acting_user=reviewer,
    )
    assert path.name == f"{case_file.number}.zip.age"
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    forget(case_file)
    assert (
        import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD).item_count == 4
    )


def test_another_validator_has_a_word_where_one_is_named(case_file, reviewer, tmp_path, settings):
    settings.PDFA_VALIDATOR = "grep -q -a pdfaid:part"
    exporting.export(
        case_file.number, form="pdf", folder=tmp_path / "a", password="", acting_user=reviewer
    )
    settings.PDFA_VALIDATOR = "grep -c -a nothing-such"
    with pytest.raises(DomainError) as refused:
        exporting.export(
            case_file.number, form="pdf", folder=tmp_path / "b", password="", acting_user=reviewer
        )
    assert refused.value.code == "outside-validator"
    assert (tmp_path / "b" / f"{case_file.number}.pdf").exists()


def test_secret_words_in_the_text_that_came_along_stop_the_delivery(
    station, reviewer, elsewhere, away, tmp_path
):
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.casefiles.tests.filing import add_item, page
    from rongdang.describe.people.services import create_person

    other = open_case_file(
        create_person(unit=station, name="周同和", acting_user=reviewer), acting_user=reviewer
    )
    add_item(
        other, "通知", "10", "1990", page("n", "关于转发文件的通知", "秘密★10年"), user=reviewer
    )
    [path] = exporting.export(
        other.number, form="gbt33870", folder=tmp_path, password=PASSWORD, acting_user=reviewer
    )
    forget(other)
    with pytest.raises(DomainError) as refused:
        import_directory(path, unit=elsewhere, acting_user=away, password=PASSWORD)
    assert refused.value.code == "secret-mark"


@pytest.mark.parametrize(
    ("category", "title", "code"), [("九", "表", "category"), ("1", "表" * 201, "length")]
)
def test_what_our_catalogue_cannot_hold_is_refused_not_cut(
    elsewhere, away, tmp_path, category, title, code
):
    (tmp_path / "a.xml").write_text(
        f"""<数字档案><人员基本信息><姓名>石怀远</姓名></人员基本信息><目录信息><档案目录条目><类号>{category}</类号><序号>1</序号>
        <材料名称>{title}</材料名称><材料形成时间>1985</材料形成时间><页数>3</页数><备注>未数字化</备注></档案目录条目></目录信息></数字档案>""",
        encoding="utf-8",
    )
    with pytest.raises(DeliveryError) as refused:
        import_directory(tmp_path, unit=elsewhere, acting_user=away)
    assert refused.value.code == code
    assert not Person.objects.exists()
