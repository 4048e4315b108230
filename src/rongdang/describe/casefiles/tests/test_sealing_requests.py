"""Sealing asked for on a page: done by a job, told when it is not, never twice at once."""

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.jobs import worker
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.sealing_requests import ask_to_seal
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tasks import seal_file, settle_unsealed
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_file(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    return open_case_file(person, acting_user=clerk)


def run_jobs():
    while worker.run_one():
        pass


def state(case_file):
    case_file.refresh_from_db()
    return case_file.state, case_file.version, case_file.sealing_by


def test_a_job_seals_in_the_name_of_who_asked(case_file, clerk, reviewer):
    filed(case_file, clerk)
    ask_to_seal(case_file, acting_user=reviewer)
    assert state(case_file) == ("open", 0, reviewer)  # nothing is called done before it is
    run_jobs()
    assert state(case_file) == ("sealed", 1, None)
    assert Entry.objects.get(event="casefile:seal").actor == str(reviewer.pk)
    seal_file.call(str(case_file.pk))
    assert state(case_file) == ("sealed", 1, None)


def test_what_cannot_be_sealed_or_by_whom_is_told_at_once(case_file, clerk, reviewer):
    with pytest.raises(DomainError) as refused:
        ask_to_seal(case_file, acting_user=reviewer)
    assert refused.value.code == "no-pages"
    filed(case_file, clerk)
    with pytest.raises(NotPermittedError):
        ask_to_seal(case_file, acting_user=clerk)
    ask_to_seal(case_file, acting_user=reviewer)
    with pytest.raises(ConflictError):
        ask_to_seal(case_file, acting_user=reviewer)
    assert Entry.objects.filter(event="casefile:ask-seal").count() == 1


def test_a_sealing_that_fails_says_why_and_may_be_asked_for_again(
    case_file, clerk, reviewer, settings
):
    filed(case_file, clerk)
    settings.SEALED_ROOT.parent.mkdir(exist_ok=True)
    settings.SEALED_ROOT.write_bytes(b"a file where the store should be")
    ask_to_seal(case_file, acting_user=reviewer)
    run_jobs()
    settings.SEALED_ROOT.unlink()
    assert state(case_file) == ("open", 0, None)
    assert case_file.trouble_zh and case_file.trouble_en
    assert Entry.objects.filter(event="casefile:fail-seal").count() == 1
    ask_to_seal(case_file, acting_user=reviewer)
    run_jobs()
    assert state(case_file) == ("sealed", 1, None) and case_file.trouble_zh == ""


def test_a_sealing_whose_job_died_does_not_wait_for_ever(case_file, clerk, reviewer):
    filed(case_file, clerk)
    ask_to_seal(case_file, acting_user=reviewer)
    job = Job.objects.get(path=seal_file.module_path)
    settle_unsealed.call(str(job.pk))
    assert state(case_file) == ("open", 0, None) and "几次中断" in case_file.trouble_zh
    settle_unsealed.call(str(job.pk))
    other = Job.objects.exclude(path=seal_file.module_path).first()
    settle_unsealed.call(str(other.pk))
    assert Entry.objects.filter(event="casefile:fail-seal").count() == 1
