"""What may happen to a batch, to a file handed in, and to a scanned page."""

from __future__ import annotations

from django.db.models import TextChoices

from rongdang.base.accounts.roles import Permission
from rongdang.base.states import Machine, Move


class BatchState(TextChoices):
    RECEIVING = "receiving", "正在接收"
    READING = "reading", "正在识读"
    REVIEW = "review", "等人核对"
    DONE = "done", "已办结"


class UploadState(TextChoices):
    RECEIVING = "receiving", "正在上传"
    STORED = "stored", "已存好"
    QUARANTINE = "quarantine", "已隔离"
    SPLIT = "split", "已分页"
    PARTIAL = "partial", "部分读出"
    REFUSED = "refused", "没有收下"
    DUPLICATE = "duplicate", "以前交过"


class ScanState(TextChoices):
    WAITING = "waiting", "等待识读"
    READ = "read", "已识读"
    BLANK = "blank", "空白页"
    SEPARATOR = "separator", "分隔页"
    RESCAN = "rescan", "请重扫"
    SECRET = "secret", "疑似涉密"
    FAILED = "failed", "没读出来"
    FILED = "filed", "已归卷"
    REPLACED = "replaced", "已换新页"
    ASIDE = "aside", "不归卷"


# Files whose pages are still to be taken out; a quarantined one waits for the virus scanner.
UNOPENED = (UploadState.STORED, UploadState.QUARANTINE)

# Pages that keep a batch from being done: somebody must scan them again, or set them aside.
TO_MEND = (ScanState.FAILED, ScanState.RESCAN)

BATCH = Machine(
    "batch",
    Move("close", ("receiving",), "reading", Permission.BATCH_UPLOAD, "交完了", "hand in"),
    Move("offer", ("reading",), "review", Permission.MATERIAL_REVIEW, "送核对", "offer for review"),
    Move("reopen", ("done",), "review", Permission.BATCH_UPLOAD, "换页", "change a page"),
    Move("finish", ("review",), "done", Permission.MATERIAL_REVIEW, "办结", "finish"),
)
