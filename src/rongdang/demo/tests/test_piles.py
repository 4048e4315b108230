"""Piles of paper: handed in like a clerk's, decided as drawn, refused where something is wrong."""

import io

import numpy as np
import pytest
from PIL import Image

from rongdang.base.accounts.models import User
from rongdang.base.jobs.models import Job
from rongdang.base.jobs.worker import run_one
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import names
from rongdang.capture.batches import services as batches
from rongdang.capture.batches.models import Batch
from rongdang.capture.review.models import Material
from rongdang.demo import loading, tasks
from rongdang.demo.deciding import Drawn, decide_batch
from rongdang.demo.piles import PILES
from rongdang.demo.paper.stack import draw_stack
from rongdang.demo.units import CHECKER, DECIDER, FIVE_THINGS, HOMES, clerk_of
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


def work():
    while run_one():
        pass
    assert not Job.objects.filter(state="dead").exists()


def load(**changes):
    loading.load(**{"people": 8, "stacks": 0, "say": lambda _text: None, **changes})


def page(seed):
    noise = np.random.default_rng(seed).integers(0, 255, (420, 300, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", dpi=(72, 72))
    return out.getvalue()


def drawn(pages, title, category, person):
    return Drawn(
        pages=pages,
        title=title,
        category=category,
        date="1953-07",
        person=person,
        fields={"姓名": person},
    )


def test_a_batch_is_decided_as_it_was_drawn_and_by_whom_is_said(settings):
    settings.SECOND_CHECK_PERCENT = 50
    load()
    unit = Unit.objects.get(code=HOMES[0])
    clerk = clerk_of(unit)
    known = CaseFile.objects.filter(custodian=unit, item_count=0).first().person
    namesake = CaseFile.objects.filter(custodian=unit, item_count__gt=0).first().person
    Person.objects.filter(pk=namesake.pk).update(name=known.name)
    batch = batches.open_batch(unit=unit, acting_user=clerk, source="browser", declared=True)
    for number in range(5):
        data = page(number)
        batches.receive_file(
            batch, name=f"{number}.jpg", data=io.BytesIO(data), size=len(data), acting_user=clerk
        )
    batches.close_batch(batch, acting_user=clerk)
    work()
    truth = [
        drawn((0, 1), "干部履历表", "1", known.name),
        drawn((2,), "自传", "2", known.name),
        drawn((3, 4), "", "9-2", "路人甲"),
    ]
    people = {
        "clerk": User.objects.get(username=DECIDER),
        "checker": User.objects.get(username=CHECKER),
        "known": known,
    }
    decide_batch(Batch.objects.get(pk=batch.pk), truth, **people)
    batch.refresh_from_db()
    assert batch.state == "done"
    filed = Item.objects.filter(paper_only=False).order_by("category")
    assert [(i.title, i.category, i.page_count, i.case_file.person.name) for i in filed] == [
        ("干部履历表", "1", 2, known.name),
        ("自传", "2", 1, known.name),
        (filed[2].title, "9-2", 2, "路人甲"),
    ]
    assert {item.case_file.person_id for item in filed[:2]} == {known.pk}
    assert filed[2].title
    assert {
        material.decided_by.username for material in Material.objects.filter(state="filed")
    } == {DECIDER}
    before = Entry.objects.count()
    decide_batch(batch, truth, **people)  # run twice = run once
    assert Entry.objects.count() == before


def batch_about(words):
    [batch] = [batch for batch in Batch.objects.all() if words in batch.note]
    return batch


def test_the_first_pile_waits_at_the_desk_of_its_clerk(client):
    load(stacks=1)
    work()
    batch = batch_about(PILES[0].life.name)
    assert batch.state == "review" and batch.scans.count() >= PILES[0].pages
    assert batch.declared_by == clerk_of(batch.unit)
    troubled = {upload.name: upload for upload in batch_about("毛病").uploads.all()}
    assert len(troubled) == 6
    for name in ("01_传到一半.jpg", "04_有口令.pdf", "05_空文件.jpg", "06_改了后缀.tif"):
        assert troubled[name].state in ("refused", "partial") and troubled[name].reason_zh, name
    blurred = troubled["02_没对焦.jpg"].scans.get()
    assert "模糊" in blurred.reason_zh
    load(stacks=1)
    tasks.hand_in_pile.func(1, 1)
    work()
    assert Batch.objects.count() == 2
    client.force_login(batch.declared_by, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/review/", follow=True).status_code == 200


def test_every_pile_is_somebody_else_and_enough_are_filed():
    people = [pile.life.name for pile in PILES]
    assert len(set(people)) == len(people)
    assert sum(pile.decided for pile in PILES) >= 8 and sum(not pile.decided for pile in PILES) in (
        2,
        3,
    )
    assert {pile.home for pile in PILES} <= set(HOMES)


def test_the_five_things_are_about_people_who_are_there():
    told = "".join(zh for zh, _en in FIVE_THINGS)
    home = [pile for pile in PILES if pile.home == "990101"]
    assert next(pile.life.name for pile in home if not pile.decided) in told
    filed = next(pile for pile in home if pile.decided)
    assert filed.life.name in told and names.pinyin_keys(filed.life.name).initials in told
    pages = draw_stack(filed.seed, split="train", life=filed.life, pages=4).pages
    assert "世代务农" in "".join(line for page in pages for line in page.text)
