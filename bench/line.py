"""The whole line for an A4 colour page of 300 dpi, from upload to sealed and indexed; and the rival's.

    make bench NAME=line ARGS="--pages 24"
    make bench NAME=line ARGS="--pages 24 --rival"      also OCRmyPDF with tesseract chi_sim on the same pages

Pages are drawn paper of the test split and the real scans with a transcription, laid on A4 at 300 dpi. Our
line is the product's own: taken in, opened in the caged child, cleaned, read, understood, confirmed by a
program that holds the truth, filed, sealed, indexed; CPU time is of every process. What is spent once, on
starting and loading, is told by itself: a batch is hundreds of pages. The rival (Debian's
ocrmypdf, deskew, turning and cleaning as nearest to ours) gets the same pages as PDF. Error is edit distance
free of order, as docs/accuracy.md explains, on the text in the database and on the rival's side text.

Two workers are two processes at one house, against one alone, by the clock, starts included. What this machine
allows is measured beside it: two houses with a worker each (nothing shared but the machine), and the two rows of
`cores`.
"""

import argparse
import io
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cores import allowed
from table import Report, house, shared, tree

A4 = (2480, 3508)


def on_a4(data):
    """The image on an A4 sheet of 300 dpi, as large as it goes, as JPEG."""
    from PIL import Image

    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = min(A4[0] / image.width, A4[1] / image.height)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    corner = image.getpixel((3, 3))
    sheet = Image.new("RGB", A4, corner)
    sheet.paste(image, ((A4[0] - image.width) // 2, (A4[1] - image.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, dpi=(300, 300))
    return out.getvalue()


def pages_of(count):
    """[(jpeg, true text)]: the real scans that have a transcription first, then drawn stacks."""
    from rongdang.demo.paper.stack import draw_stack

    found = []
    for text in sorted((shared() / "scans").glob("*.txt")):
        image = next(p for p in text.parent.glob(f"{text.stem}.*") if p.suffix != ".txt")
        found.append((on_a4(image.read_bytes()), text.read_text("utf-8")))
    seed = 400
    while len(found) < count:
        for page in draw_stack(seed, split="test", pages=8).pages:
            if not page.blank:
                found.append((on_a4(page.jpeg), "\n".join(page.text)))
        seed += 1
    return found[:count]


watching = 0.0  # CPU seconds this script has spent on looking, which is no work of the line


def used():
    """CPU seconds of this process and of all its ended children, its own looking left out."""
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) - watching


def everybody():
    """CPU seconds of all processes of this machine, and what its host took away."""
    user, nice, system, _idle, _waiting, hard, soft, stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + hard + soft + stolen) / os.sysconf("SC_CLK_TCK")


def work(processes, houses=("",)):
    """Run all jobs, in several houses at once if so told; (seconds, largest resident memory of one process in MiB)."""
    global watching
    start, most = time.perf_counter(), 0.0
    command = [sys.executable, "-m", "rongdang", "work", "--once", "--processes", str(processes)]
    workers = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment(place)) for place in houses]
    while any(worker.poll() is None for worker in workers):
        looking = time.process_time()
        most = max(most, *(largest(worker.pid) for worker in workers))
        watching += time.process_time() - looking
        time.sleep(0.2)
    if any(worker.returncode for worker in workers):
        raise SystemExit("the worker failed")
    return time.perf_counter() - start, most


def environment(place):
    """Of a process in the house at that place; "" is this one."""
    return {**os.environ, "RONGDANG_VAR": str(place)} if place else None


def largest(pid):
    """The most memory one of the process and those below it ever held, in MiB."""
    most = 0.0
    for each in tree(pid):
        try:
            for line in Path(f"/proc/{each}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    most = max(most, int(line.split()[1]) / 1024)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return most


def start_costs():
    """CPU seconds of what happens once: a worker with its reader, and the engine in that reader."""
    from rongdang.base.jobs.worker import READER

    setup = "import django; django.setup(); "
    engine = ("import numpy; from rongdang.capture.ocr.ports import shared_engine; "
              "shared_engine('rapid').read(numpy.full((640, 640, 3), 255, numpy.uint8))")
    bare, reader, loaded = (spent(["-c", code]) for code in (setup, f"{READER}read_until_idle(0.0)", setup + engine))
    return spent(["-m", "rongdang", "work", "--once"]) + reader, loaded - bare


def spent(arguments):
    before = used()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return used() - before


def take_in(pages, unit, clerk):
    from rongdang.capture.batches import services

    batch = services.open_batch(unit=unit, acting_user=clerk, source="bench", declared=True)
    for number, (data, _text) in enumerate(pages):
        services.receive_file(batch, name=f"{number:04d}.jpg", data=io.BytesIO(data), size=len(data), acting_user=clerk)
    services.close_batch(batch, acting_user=clerk)
    return batch


def confirm_and_seal(batch, clerk, reviewer):
    """Every material as proposed, what is missing filled in; then the person's file is sealed."""
    from rongdang.capture.review.models import Material
    from rongdang.capture.review.services import Decision, confirm_material
    from rongdang.describe.casefiles.models import CaseFile
    from rongdang.describe.casefiles.sealing import seal_case_file

    person = None
    for material in Material.objects.filter(batch=batch, state__in=["proposed", "postponed"]):
        decision = Decision(title=material.title or "无题名材料", category=material.category or "10",
                            formed=material.formed, values={}, person=person, new_name="" if person else "林长河")
        person = confirm_material(material, decision, version=material.version, acting_user=clerk).person_id
    for case_file in CaseFile.objects.filter(person=person):
        seal_case_file(case_file, acting_user=reviewer)


def our_error(batch, pages):
    from rongdang.base.textlayer import TextLayer
    from rongdang.capture.batches.models import Scan
    import zlib

    texts = [""] * len(pages)
    for scan in Scan.objects.filter(upload__batch=batch).select_related("upload").order_by("number", "half"):
        if scan.layer:
            at = int(scan.upload.name.split(".")[0])
            texts[at] += TextLayer.from_json(zlib.decompress(bytes(scan.layer)).decode()).text + "\n"
    return error(texts, pages)


def error(texts, pages):
    """Mistakes over true characters, of all pages together, in per cent."""
    from rongdang.capture.ocr.measure import mistakes

    found = [mistakes(text, truth) for text, (_data, truth) in zip(texts, pages, strict=True)]
    return sum(wrong for wrong, _length in found) / max(1, sum(length for _wrong, length in found)) * 100


def divided(report, pages, alone, taken_in, place):
    """Two workers in one house, and what the machine itself allows; `alone` is the clock of one."""
    from django.db import connections

    def fresh(mark):
        taken_in([(data + mark, text) for data, text in pages])  # other bytes, the same pages
        connections.close_all()

    fresh(b"2")
    before, others = used(), everybody()
    together, _most = work(2)
    busy, others = used() - before, everybody() - others
    fresh(b"3")
    with tempfile.TemporaryDirectory(prefix="rongdang-bench-") as other:
        shutil.copytree(place, other, dirs_exist_ok=True)
        apart, _most = work(1, (place, other))  # twice the pages
    shared_out, limit = alone / together / 2 * 100, alone / apart * 100
    report.add("two workers on two cores, efficiency (wall)", shared_out, "%", least=85)
    report.add("  machine: two houses apart, one worker each", limit, "%")
    report.add("  two workers, of what two houses apart reach", shared_out / limit * 100, "%")
    allowed(report, pages[-1][0])
    report.add("  two workers: CPU time a page, two starts", busy / len(pages), "CPU-s")
    report.add("  two workers: time in which a core was not theirs", (1 - busy / together / 2) * 100, "%")
    report.add("  time other processes and the host took", (others - busy) / together / 2 * 100, "%")


def latency(unit, clerk, report):
    """One page, handed in while a worker waits, until its words are found; a person's time left out."""
    from django.db import connections
    from rongdang.capture.review.models import Material
    from rongdang.describe.access.predicate import KEEP
    from rongdang.provide.search.queries import search

    page = pages_of(8)[7:8]
    worker = subprocess.Popen([sys.executable, "-m", "rongdang", "work", "--processes", "1"], stdout=subprocess.DEVNULL)
    took = []
    try:
        time.sleep(4)
        for number in range(3):
            data = page[0][0] + bytes([number])  # other bytes, the same page
            start = time.perf_counter()
            batch = take_in([(data, "")], unit, clerk)
            while not (material := Material.objects.filter(batch=batch).first()):
                time.sleep(0.05)
            word = f"凌云渡{number}号"
            from rongdang.capture.review.services import Decision, confirm_material

            confirm_material(material, Decision(title=word, category="10", formed="", values={}, new_name="林长河"),
                             version=material.version, acting_user=clerk)
            while not search(clerk, [KEEP], word).total:
                time.sleep(0.05)
            took.append(time.perf_counter() - start)
            connections.close_all()
    finally:
        worker.terminate()
        worker.wait(timeout=60)
    report.add("upload to searchable, engine not loaded", took[0], "s")
    report.add("upload to searchable, engine loaded, median", statistics.median(took[1:]), "s", most=4)


def rival(pages, report, ours):
    """OCRmyPDF on the same pages, one job, its text from the side file."""
    if not shutil.which("ocrmypdf"):
        raise SystemExit("apt-get install -y --no-install-recommends ocrmypdf tesseract-ocr tesseract-ocr-chi-sim")
    texts, before, start = [], used(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number, (data, _truth) in enumerate(pages):
            image, side, out = (Path(folder) / f"{number}.{end}" for end in ("jpg", "txt", "pdf"))
            image.write_bytes(data)
            subprocess.run(["ocrmypdf", "-l", "chi_sim", "--image-dpi", "300", "--deskew", "--rotate-pages", "--output-type", "pdfa",
                            "--jobs", "1", "--sidecar", str(side), str(image), str(out)], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_THREAD_LIMIT": "1"})
            texts.append(side.read_text("utf-8") if side.exists() else "")
    theirs = used() - before
    wrong = error(texts, pages)
    report.add("OCRmyPDF: CPU time a page", theirs / len(pages), "s")
    report.add("OCRmyPDF: pages a minute of one core", 60 / (theirs / len(pages)), "/min")
    report.add("OCRmyPDF: wall time a page", (time.perf_counter() - start) / len(pages), "s")
    report.add("OCRmyPDF: error", wrong, "%")
    report.add("our pages a minute, times the rival's", theirs / ours["cpu"], "×", least=2.5)
    report.add("our error, part of the rival's", ours["error"] / wrong, "×", most=0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=48)
    parser.add_argument("--rival", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house(RONGDANG_SECOND_CHECK_PERCENT="0")
    from django.db import connections
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit

    unit = create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None, fonds="X001")
    people = {}
    for name, role in (("zhou", "clerk"), ("qin", "reviewer")):
        people[role] = create_user(username=name, display_name=name, password="correct horse 42", acting_user=None)
        assign_role(user=people[role], role=role, unit=unit, acting_user=None)
    report, pages = Report("line"), pages_of(options.pages)
    report.add("A4 pages, 300 dpi, colour", len(pages))
    connections.close_all()
    worker, engine = start_costs()
    report.add("starting a worker and its reader, once", worker, "CPU-s")
    report.add("loading the engine, once a reader", engine, "CPU-s")

    before = used()
    batch = take_in(pages, unit, people["clerk"])
    connections.close_all()
    reading = used()
    alone, most = work(1)
    reading = used() - reading
    confirm_and_seal(batch, people["clerk"], people["reviewer"])
    connections.close_all()
    index, _most = work(1)
    cpu = used() - before
    ours = {"cpu": cpu, "error": our_error(batch, pages)}
    report.add("whole line, a page, all starts shared by these pages", cpu / len(pages), "CPU-s", most=2.0)
    # Two workers were started here, one before and one after a person's decisions.
    report.add("whole line, a page, on a line that runs", (cpu - 2 * worker - engine) / len(pages), "CPU-s", most=2.0)
    report.add("pages a minute of one core", 60 / (cpu / len(pages)), "/min")
    report.add("error of the text", ours["error"], "%")
    report.add("largest process", most, "MiB", most=2048)
    divided(report, pages, alone, lambda some: take_in(some, unit, people["clerk"]), Path(folder.name))
    report.add("  one worker: CPU time a page, one start", reading / len(pages), "CPU-s")
    latency(unit, people["clerk"], report)
    if options.rival:
        rival(pages, report, ours)
    connections.close_all()
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
