"""Jobs of case files: seal what was asked for, say what could not be sealed. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.base.jobs.models import Job
from rongdang.describe.casefiles import sealing_requests
from rongdang.describe.casefiles.models import CaseFile


@task(priority=10)
def seal_file(case_file_id: str) -> None:
    """A person waits for it: before more pages are read."""
    files = CaseFile.objects.select_related("sealing_by")
    sealing_requests.seal_as_asked(files.get(pk=case_file_id))


@task()
def settle_unsealed(job_id: str) -> None:
    """A sealing died on every attempt: its file says so, and may be sealed again."""
    job = Job.objects.get(pk=job_id)
    if job.path != seal_file.module_path:
        return
    case_file = CaseFile.objects.get(pk=job.arguments["args"][0])
    sealing_requests.end_request(
        case_file, zh=sealing_requests.GAVE_UP_ZH, en=sealing_requests.GAVE_UP_EN
    )
