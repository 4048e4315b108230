"""Ways on which a mark of state secrets may come in, each with the same planted words."""

import io
import time
import zipfile

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import ExifTags, Image, PngImagePlugin

from rongdang.capture.batches import folders, services, trays
from rongdang.capture.batches.tests.factories import closed_batch, hand_in, layer, page_image
from rongdang.capture.opening.tests.factories import scanned_pdf

TRACE = "卷宗四七号任务"
MARKED = f"{TRACE} 机密★长期"
SHOWN = layer("机密★长期", TRACE)
PDF_PAGE = {"pixels": (620, 877), "points": (148.8, 210.5)}


def jpeg(**options):
    return page_image(5, **options)


def with_exif(tag, value):
    exif = Image.Exif()
    exif[tag] = value
    return jpeg(exif=exif)


def png_with_text():
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", MARKED)
    return page_image(5, form="PNG", pnginfo=told)


def tiff_described():
    return page_image(5, form="TIFF", tiffinfo={270: MARKED.encode()})


def xmp():
    words = f'<rdf:li xml:lang="x-default">{MARKED}</rdf:li>'
    body = (
        f"<x:xmpmeta><rdf:RDF><dc:title><rdf:Alt>{words}</rdf:Alt></dc:title></rdf:RDF></x:xmpmeta>"
    )
    return jpeg(xmp=body.encode())


def pdf(change):
    with pikepdf.open(io.BytesIO(scanned_pdf([jpeg()], **PDF_PAGE))) as document:
        change(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def _title(document):
    document.docinfo["/Title"] = MARKED


def _metadata(document):
    with document.open_metadata() as told:
        told["dc:title"] = MARKED


def _bookmark(document):
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(MARKED, 0))


def _attachment(document):
    document.attachments[f"{MARKED}.txt"] = b"x"


def archive(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as members:
        members.writestr("0.jpg", page_image(6))
        members.writestr(name, data)
    return out.getvalue()


FILES = {
    "the comment of a JPEG": lambda: ("a.jpg", jpeg(comment=MARKED.encode())),
    "the title in EXIF": lambda: (
        "a.jpg",
        with_exif(ExifTags.Base.ImageDescription, MARKED.encode("gb18030")),
    ),
    "the title a desktop gives": lambda: (
        "a.jpg",
        with_exif(ExifTags.Base.XPTitle, MARKED.encode("utf-16-le")),
    ),
    "XMP": lambda: ("a.jpg", xmp()),
    "the text of a PNG": lambda: ("a.png", png_with_text()),
    "the description of a TIFF": lambda: ("a.tif", tiff_described()),
    "the title of a PDF": lambda: ("a.pdf", pdf(_title)),
    "the XMP of a PDF": lambda: ("a.pdf", pdf(_metadata)),
    "a bookmark": lambda: ("a.pdf", pdf(_bookmark)),
    "the name of an attachment": lambda: ("a.pdf", pdf(_attachment)),
    "the name of a member": lambda: ("a.zip", archive(f"{MARKED}.jpg", jpeg())),
    "the folder of a member": lambda: ("a.zip", archive(f"机密/{TRACE}.jpg", jpeg())),
    "the name of a member that is damaged": lambda: (
        "a.zip",
        archive(f"{MARKED}.jpg", b"\xff\xd8"),
    ),
    "EXIF inside an archive": lambda: (
        "a.zip",
        archive("1.jpg", with_exif(ExifTags.Base.ImageDescription, MARKED.encode())),
    ),
    "the page": lambda: ("a.jpg", jpeg()),
}


def hand_in_file(world, what):
    """By the plain form: each file is taken, its marked page stops."""
    world.engine(*[SHOWN] * (what == "the page"))
    closed_batch(world.station, world.clerk, FILES[what]())


def _tray(world):
    folder = world.inbox / world.station.code
    folder.mkdir(parents=True)
    trays.open_tray(world.station, declared=True, acting_user=world.clerk)
    return folder


def watch_file(world):
    (_tray(world) / f"{MARKED}.jpg").write_bytes(jpeg())
    assert folders.watch_once(world.inbox, now=time.time() + 60) == []


def watch_folder(world):
    folder = _tray(world) / "机密" / TRACE
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(jpeg())
    assert folders.watch_once(world.inbox, now=time.time() + 60) == []


def ingest(name):
    def take(world):
        folder = world.inbox / name
        folder.mkdir(parents=True)
        (folder / (f"{MARKED}.jpg" if name == "in" else "1.jpg")).write_bytes(jpeg())
        folders.take_in(
            folder,
            unit=world.station,
            acting_user=world.clerk,
            declared=True,
            progress=lambda _text: None,
        )

    return take


def announce(world):
    """As the page of the browser sends a large file: its name first."""
    batch = open_batch(world)
    world.client.force_login(world.clerk)
    told = {"name": f"{MARKED}.jpg", "size": "100"}
    answer = world.client.post(reverse("batches:uploads", args=[batch.pk]), told)
    assert answer.status_code == 403


def send_by_api(world):
    batch = open_batch(world)
    sent = SimpleUploadedFile(f"{MARKED}.jpg", jpeg(), content_type="image/jpeg")
    answer = world.programme.post(f"/api/v1/batches/{batch.pk}/files", {"file": sent})
    assert (answer.status_code, answer.json()["code"]) == (403, "secret-mark")


def open_by_api(world):
    asked = {"unit": world.station.code, "declared": True, "note": MARKED}
    answer = world.programme.post("/api/v1/batches", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "secret-mark")


def open_batch(world, **more):
    return services.open_batch(
        unit=world.station, acting_user=world.clerk, source="browser", declared=True, **more
    )


COMING = {
    "file name": lambda world: hand_in(open_batch(world), world.clerk, jpeg(), f"{MARKED}.jpg"),
    "note of a batch": lambda world: open_batch(world, note=MARKED),
    "file in a tray": watch_file,
    "folder in a tray": watch_folder,
    "file of a folder": ingest("in"),
    "folder itself": ingest(MARKED),
    "upload in parts": announce,
    "API, file": send_by_api,
    "API, batch": open_by_api,
}
