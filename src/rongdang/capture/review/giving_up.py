"""What becomes of a page, a file or a batch whose job died on every attempt.

A page that hangs the engine, a file that kills its reader: each is said to have failed, so that
the rest of the batch goes on and a person can mend it; nothing waits for ever.
"""

from __future__ import annotations

from rongdang.base.jobs.models import Job
from rongdang.capture.batches import reading_services
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.opening.values import Trouble
from rongdang.capture.review import offering

PAGE_ZH = "识读程序在这一页上几次中断，没有读出来。扫描件还在，请再读一次或重新扫描。"
PAGE_EN = (
    "Reading broke off on this page several times; it was not read. The scan is kept: "
    "read it again, or scan it anew."
)
FILE_ZH = "打开这个文件时几次中断，没有取完页面。原文件已保存，请再试一次或换一种格式再交。"
FILE_EN = (
    "Opening this file broke off several times; not all pages were taken. The file is kept: "
    "try again, or hand it in in another format."
)


def settle(job: Job) -> None:
    """Say of the job's subject that it failed. Run twice = run once; other jobs are left alone."""
    action = job.path.removeprefix("rongdang.capture.")
    subject = str(next(iter(job.arguments.get("args", [])), ""))
    if action == "batches.tasks.read_scan":
        reading_services.fail_scan(Scan.objects.get(pk=subject), zh=PAGE_ZH, en=PAGE_EN)
    elif action == "batches.tasks.split_upload":
        upload = Upload.objects.get(pk=subject)
        trouble = Trouble("gave-up", FILE_ZH, FILE_EN, fatal=True)
        found = upload.scans.values("number").distinct().count()
        reading_services.finish_split(upload, expected=0, found=found, troubles=[trouble])
    elif action == "review.tasks.propose_materials":
        offering.offer_by_hand(Batch.objects.get(pk=subject))
