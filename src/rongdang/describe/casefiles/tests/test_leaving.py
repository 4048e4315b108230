"""What came in with a file beside its pictures never goes out: neither by a page, a PDF nor a package.

A foreign PDF and a foreign JPEG are built with everything such files can carry; each part bears a
token, and what leaves is searched for them. docs/decisions/0017.
"""

import hashlib
import io
import json
import zipfile

import pikepdf
import pytest
import pyzipper
from PIL import ExifTags, Image

from rongdang.base.errors import NotPermittedError
from rongdang.capture.batches.tests.factories import closed_batch, form, layer, page_image, run_jobs
from rongdang.capture.conftest import engine  # noqa: F401  # fixture
from rongdang.capture.opening.tests.factories import scanned_pdf
from rongdang.capture.review import services as review
from rongdang.capture.review.models import Material
from rongdang.describe.access.predicate import TRANSFER, stated
from rongdang.describe.casefiles import exporting, outgoing
from rongdang.describe.casefiles.importing import import_directory
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.tests.test_exchange import PASSWORD, away, forget  # noqa: F401
from rongdang.keep.objects import services as objects
from rongdang.keep.packages.gbt33870.values import DeliveryError
from rongdang.keep.packages.gbt33870.writing import SUPPLEMENT

pytestmark = pytest.mark.django_db
PARTS = "script named attached launched linked filled described remarked hidden private".split()
IN_THE_PDF = [f"token-{part}" for part in PARTS]
IN_THE_JPEG = ["token-exif", "token-xmp", "token-comment", "token-behind"]
ACTIVE = (
    "/JS /JavaScript /OpenAction /AA /Launch /URI /EmbeddedFiles /EF /AF /AcroForm /XFA /RichMedia "
    "/OCProperties /PieceInfo /SubmitForm /GoToR"
).split()


def laden_jpeg():
    """A page with a place, a remark, a description and bytes behind its end."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "token-exif"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[2] = (31.0, 14.0, 0.0)
    xmp = b"<x:xmpmeta>token-xmp</x:xmpmeta>"
    return page_image(3, exif=exif, xmp=xmp, comment=b"token-comment") + b"token-behind"


def laden_pdf():
    """Two pages: the laden JPEG, and one that is drawn, under a form; nothing a PDF can carry is missing."""
    document = pikepdf.open(
        io.BytesIO(scanned_pdf([laden_jpeg()], pixels=(620, 877), points=(148.8, 210.5)))
    )
    _scripts(document)
    _attachment(document)
    document.pages[0].obj.Annots = document.make_indirect(
        pikepdf.Array([_link(document, "/Launch", F="token-launched"), _uri(document)])
    )
    _form_and_hidden_layer(document)
    with document.open_metadata(set_pikepdf_as_editor=False) as told:
        told["dc:description"] = "token-remarked"
    document.docinfo["/Subject"] = "token-described"
    document.pages[0].obj.PieceInfo = pikepdf.Dictionary(
        Maker=pikepdf.Dictionary(Private=pikepdf.String("token-private"))
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _script(word):
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{word}')"))


def _scripts(document):
    document.Root.OpenAction = _script("token-script")
    document.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", _script("token-named")]))
    )
    document.pages[0].obj.AA = pikepdf.Dictionary(O=_script("token-script"))


def _attachment(document):
    document.attachments["token-attached.txt"] = b"token-attached"


def _link(document, kind, **more):
    action = pikepdf.Dictionary(S=pikepdf.Name(kind))
    for key, value in more.items():
        action[f"/{key}"] = pikepdf.String(value)
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action
    )


def _uri(document):
    return _link(document, "/URI", URI="http://token-linked.invalid/")


def _form_and_hidden_layer(document):
    page = document.add_blank_page(page_size=(148.8, 210.5))
    field = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("name"),
            V=pikepdf.String("token-filled"),
            Rect=[20, 150, 120, 170],
            AP=pikepdf.Dictionary(N=_black_box(document)),
            AA=pikepdf.Dictionary(K=_script("token-script")),
        )
    )
    page.obj.Annots = pikepdf.Array([field])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    group = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("token-hidden"))
    )
    document.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([group]),
        D=pikepdf.Dictionary(OFF=pikepdf.Array([group]), Order=pikepdf.Array([group])),
    )
    page.obj.Resources = pikepdf.Dictionary(Properties=pikepdf.Dictionary(L0=group))
    page.Contents = pikepdf.Stream(
        document, b"/OC /L0 BDC 0 0 0 rg 20 20 100 60 re f EMC % token-hidden"
    )


def _black_box(document):
    """What the filled field looks like."""
    box = pikepdf.Stream(document, b"0 0 0 rg 0 0 100 20 re f")
    box.Type, box.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    box.BBox = [0, 0, 100, 20]
    return document.make_indirect(box)


@pytest.fixture
def case_file(station, clerk, engine):  # noqa: F811
    """Three pages of foreign files, come in through the cage, decided and filed."""
    engine(form(), layer("第二页"), layer("第三页"))
    batch = closed_batch(station, clerk, ("a.pdf", laden_pdf()), ("b.jpg", laden_jpeg()))
    run_jobs()
    decision = review.Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    for material in batch.materials.order_by("sequence"):
        review.confirm_material(material, decision, version=1, acting_user=clerk)
    return CaseFile.objects.get()


def test_what_is_looked_for_is_really_in_what_came_in(case_file):
    """The control: the same search finds every token in the files as they came."""
    assert tokens_in_pdf(laden_pdf()) >= {*IN_THE_PDF, *IN_THE_JPEG}
    assert active_keys(laden_pdf()) >= {"/JS", "/Launch", "/URI", "/EF", "/AcroForm", "/AA"}
    masters = b"".join(objects.read(page.original) for page in Page.objects.all())
    assert all(token.encode() in masters for token in IN_THE_JPEG)


def test_a_hidden_layer_is_not_on_the_page_and_a_filled_field_is(case_file):
    drawn = Page.objects.order_by("item", "sequence")[1]
    page = Image.open(io.BytesIO(objects.read(drawn.original))).convert("L")
    wide, high = page.size
    field, hidden = (page.getpixel((wide // 2, round(high * y))) for y in (0.24, 0.8))
    assert field < 60 and hidden > 200


def exported(case_file, reviewer, **options):
    built = exporting.build(case_file, acting_user=reviewer, purpose=TRANSFER, **options)
    return built.stream.read()


def test_a_pdf_that_leaves_holds_nothing_of_the_files_but_marked_pictures(case_file, reviewer):
    data = exported(case_file, reviewer, form="pdf", password="")
    assert tokens_in_pdf(data) == set() and active_keys(data) == set()
    with pikepdf.open(io.BytesIO(data)) as document:
        assert len(document.pages) == 3 and not document.attachments
        pictures = [image for page in document.pages for image in page.get_images().values()]
        assert not any(b"Exif\0" in picture.read_raw_bytes() for picture in pictures)


def test_pages_shown_and_masters_shown_carry_no_more_than_their_picture(client, clerk, case_file):
    client.force_login(clerk)
    client.post(f"/people/{case_file.person_id}/open/", {"purpose": "keep"})
    for page in Page.objects.all():
        for address in ("900/", "original/"):
            answer = client.get(f"/images/pages/{page.pk}/{address}")
            assert answer.status_code == 200
            assert not any(token.encode() in answer.content for token in IN_THE_JPEG)
            assert b"Exif\0" not in answer.content and b"http://ns.adobe" not in answer.content


def test_a_package_holds_the_kept_bytes_says_so_and_nothing_of_the_pdf_around_them(
    case_file, reviewer
):
    whole = pyzipper.AESZipFile(
        io.BytesIO(exported(case_file, reviewer, form="gbt33870", password=PASSWORD))
    )
    whole.setpassword(PASSWORD.encode())
    inner = zipfile.ZipFile(io.BytesIO(whole.read("档案.zip")))
    members = {name: inner.read(name) for name in inner.namelist()}
    told = json.loads(next(data for name, data in members.items() if name.endswith(SUPPLEMENT)))
    assert "一个字节也没有改" in told["说明"] and "unchanged" in told["说明"]
    assert not any(token.encode() in data for data in members.values() for token in IN_THE_PDF)
    kept = {page.original.digest for page in Page.objects.all()}
    for folder in ("原始图像数据", "优化图像数据"):
        for name, page in told["pages"].items():
            data = next(d for member, d in members.items() if member.endswith(f"{folder}/{name}"))
            assert page["holds"][folder]["copy"] == outgoing.KEPT
            assert page["holds"][folder]["sha256"] == hashlib.sha256(data).hexdigest()
            if folder == "原始图像数据":
                assert page["holds"][folder]["sha256"] in kept
            else:  # made by this house
                assert not any(token.encode() in data for token in IN_THE_JPEG)


@pytest.mark.parametrize("form_of", ["gbt33870", "gbt33870-age"])
@pytest.mark.parametrize("code", ["keep", "inquiry", "appoint"])
def test_a_package_with_unmarked_masters_is_made_for_handing_over_only(
    case_file, reviewer, form_of, code
):
    with pytest.raises(NotPermittedError) as refused:
        exporting.build(
            case_file,
            form=form_of,
            password=PASSWORD,
            acting_user=reviewer,
            purpose=stated(code),
        )
    assert refused.value.code == "not-transfer" and "PDF" in refused.value.hint_zh


def test_an_image_changed_on_its_way_is_refused_by_its_digest(
    case_file,
    reviewer,
    elsewhere,
    away,
    tmp_path,  # noqa: F811
):
    whole = pyzipper.AESZipFile(
        io.BytesIO(exported(case_file, reviewer, form="gbt33870", password=PASSWORD))
    )
    whole.setpassword(PASSWORD.encode())
    inner = zipfile.ZipFile(io.BytesIO(whole.read("档案.zip")))
    changed = next(name for name in inner.namelist() if "原始图像数据/" in name)
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as again:
        for name in inner.namelist():
            data = inner.read(name)
            again.writestr(name, page_image(8) if name == changed else data)
    Material.objects.all().delete()
    forget(case_file)
    with pytest.raises(DeliveryError) as refused:
        import_directory(tmp_path / "again.zip", unit=elsewhere, acting_user=away)
    assert refused.value.code == "changed" and "摘要" in refused.value.message()
    assert not CaseFile.objects.exists()


def tokens_in_pdf(data):
    """Tokens in the file as it is, in every object, and in every stream unpacked."""
    found = [data]
    with pikepdf.open(io.BytesIO(data)) as document:
        for one in document.objects:
            found.append(one.unparse(resolved=True))
            if isinstance(one, pikepdf.Stream):
                found.append(one.read_raw_bytes())
                if str(one.get("/Filter", "")) == "/FlateDecode" or "/Filter" not in one:
                    found.append(one.read_bytes())
    text = b"\n".join(found)
    wanted = [*IN_THE_PDF, *IN_THE_JPEG]
    return {
        token for token in wanted if token.encode() in text or token.encode("utf-16-be") in text
    }


def active_keys(data):
    """Keys and kinds of actions that do something, wherever they stand."""
    with pikepdf.open(io.BytesIO(data)) as document:
        text = b"\n".join(one.unparse(resolved=True) for one in document.objects)
    return {key for key in ACTIVE if key.encode() + b" " in text.replace(b"\n", b" ") + b" "}
