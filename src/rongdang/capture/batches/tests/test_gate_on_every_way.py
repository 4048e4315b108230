"""A mark of state secrets on each way in: it stops, the officer is told, and nothing of it is kept."""

import datetime as dt
import zlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.utils import timezone

from rongdang.base.accounts import role_changes, tokens
from rongdang.base.accounts.services import create_user
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.refusals import AlarmingRefusalError, tell
from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.services import record
from rongdang.base.orgs.services import create_unit
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.tests import planted_marks as planted
from rongdang.capture.batches.tests.factories import closed_batch, form, page_image, run_jobs
from rongdang.capture.review import pages
from rongdang.capture.review import services as review
from rongdang.describe.access import avoiding, opening
from rongdang.describe.casefiles import registering, withdrawing
from rongdang.describe.casefiles import services as casefiles
from rongdang.describe.casefiles.models import Item
from rongdang.describe.casefiles.tests.test_verifying import change_row
from rongdang.describe.grants import emergency, readers
from rongdang.describe.grants import services as grants
from rongdang.describe.people import services as people
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

pytestmark = pytest.mark.django_db
MARKED, TRACE = planted.MARKED, planted.TRACE


def programme_of(user):
    """A programme that asks the API with a token of this person."""
    made = tokens.make(user, name="日报", scopes=tokens.SCOPES, days=1, acting_user=user)
    return Client(headers={"Authorization": f"Bearer {made[1]}"})


class World(SimpleNamespace):
    """Whoever and whatever a way needs; one file of one page lies in the house already."""

    @property
    def item(self):
        return Item.objects.earliest("pk")

    @property
    def case_file(self):
        return self.item.case_file

    def material(self):
        """One more that waits at the desk."""
        self.engine(form(name="周同和", title="自传"))
        batch = closed_batch(self.station, self.clerk, ("b.jpg", page_image(2)))
        run_jobs()
        return batch.materials.get()

    def grant(self, reason="办理待遇"):
        return grants.ask(
            numbers=[self.case_file.number],
            levels=["基本"],
            purpose="benefit",
            reason=reason,
            until=timezone.now() + dt.timedelta(days=1),
            acting_user=self.leader,
        )

    def reader(self, why="夜班"):
        return readers.name_reader(
            user=self.reviewer, unit=self.station, why=why, acting_user=self.guard
        )

    def named(self):
        return readers.confirm_reader(self.reader(), acting_user=self.chief)

    def broken(self, reason="家属来电病危"):
        self.named()
        return emergency.break_glass(
            sought=self.case_file.number, reason=reason, acting_user=self.reviewer
        )

    def open(self, note="核对待遇"):
        return opening.open_file(self.case_file, code="other", note=note, acting_user=self.leader)


@pytest.fixture
def world(station, city, clerk, reviewer, engine, person_in, client, settings):
    made = World(
        station=station,
        clerk=clerk,
        reviewer=reviewer,
        engine=engine,
        client=client,
        inbox=settings.WATCH_ROOT,
        leader=person_in("liu", "leader", station),
        chief=person_in("cheng", "leader", city),
        guard=person_in("gu", "security", city),
        system=person_in("xi", "system", city),
        programme=programme_of(clerk),
    )
    engine(form())
    batch = closed_batch(station, clerk, ("a.jpg", page_image(1)))
    run_jobs()
    decision = review.Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    review.confirm_material(batch.materials.get(), decision, version=1, acting_user=clerk)
    run_jobs()
    return made


def traces():
    """Where the planted words stand: in rows, in what is packed in them, on the log, in objects."""
    found = set()
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._base_manager.all():  # as its owner reads it, encrypted columns opened
            if any(TRACE in words_of(getattr(row, name)) for name in names):
                found.add(model._meta.label)
    for entry in Entry.objects.all():
        if TRACE in str(ledger.detail_of(entry)):
            found.add(f"ledger {entry.event}")
    for stored in StoredObject.objects.filter(shredded_at=None):
        if any(TRACE in text for text in spelled(objects.read(stored))):
            found.add("objects")
    return found


def words_of(value):
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        try:
            raw = zlib.decompress(raw)
        except zlib.error:
            pass
        return raw.decode("utf-8", "ignore")
    return str(value)


def spelled(data):
    return [data.decode(name, "ignore") for name in ("utf-8", "gb18030", "utf-16-le")]


def told():
    return Alarm.objects.filter(kind="secret-suspected").count()


@pytest.mark.parametrize("what", sorted(planted.FILES))
def test_a_file_that_says_it_itself_or_shows_it_stops_page_by_page(world, what):
    planted.hand_in_file(world, what)
    run_jobs()
    batch = Batch.objects.latest("pk")
    states = list(batch.scans.order_by("number").values_list("state", flat=True))
    inside = what if batch.uploads.get().name.endswith(".zip") else ""
    assert states[-1] == "secret" and told()
    assert not inside or states[0] in ("read", "blank")
    assert traces() == set()


@pytest.mark.parametrize("way", sorted(planted.COMING))
def test_names_and_notes_of_what_comes_in_are_asked(world, way):
    try:
        planted.COMING[way](world)
    except AlarmingRefusalError as refusal:
        assert refusal.code == "secret-mark"
        tell(refusal)  # what stands round each act; the alarm goes up once
    run_jobs()
    assert told() == 1 and traces() == set()


def described(world, **change):
    said = casefiles.ItemDescription(
        **{"title": "履历表", "category": "1", "formed": "1962", **change}
    )
    casefiles.describe_item(world.item, said, acting_user=world.clerk)


def decided(world, **change):
    said = {"title": "自传", "category": "2", "formed": "1963", "values": {}, "new_name": "周同和"}
    decision = review.Decision(**{**said, **change})
    review.confirm_material(world.material(), decision, version=1, acting_user=world.clerk)


def confirmed(world, value, original=""):
    values = [people.FactValue("部职别", value, original, confidence=1.0)]
    people.confirm_facts(world.case_file.person, values, acting_user=world.clerk)


def registered(world, **change):
    item = registering.RegisteredItem(
        casefiles.ItemDescription(
            change.pop("title", "任职命令"), "9-1", note=change.pop("note", "")
        ),
        1,
    )
    row = registering.RegisterRow(**{"name": "陈望", "facts": {}, "items": [item], **change})
    registering.take_over_register(world.station, [row], acting_user=world.clerk)


def put_aside(world):
    material = world.material()
    scan = material.pages.get().scan_id
    pages.set_aside(material, scan=scan, reason=MARKED, version=1, acting_user=world.reviewer)


def sent_back(world):
    pages.send_back(world.material(), reason=MARKED, version=1, acting_user=world.reviewer)


def placed(world):
    shelf = {"room": "1", "rack": "2", "layer": "3", "box": MARKED[-20:]}
    casefiles.place_paper(world.case_file, **shelf, acting_user=world.clerk)


def withdrawn(world):
    confirmed(world, "某部")
    fact = world.case_file.person.facts.get(field="部职别")
    withdrawing.withdraw_fact(fact, reason=MARKED, acting_user=world.reviewer)


def unmasked(world):
    world.open()
    opening.unmask(world.case_file, field="公民身份号码", reason=MARKED, acting_user=world.leader)


def cleared(world):
    person = world.case_file.person
    held = avoiding.declare_relative(world.leader, person, relation="外甥", acting_user=world.guard)
    avoiding.clear_avoidance(held, why=MARKED, acting_user=world.guard)


def related(world):
    avoiding.declare_relative(
        world.leader, world.case_file.person, relation="舅 机密★长期", acting_user=world.guard
    )


def role_changed(world):
    role_changes.propose(
        act="password",
        user=world.reviewer,
        unit=world.station,
        reason=MARKED,
        acting_user=world.system,
    )


def account_made(world):
    create_user(
        username="lu", display_name=MARKED, password="correct horse 42", acting_user=world.system
    )


def unit_made(world):
    create_unit(code="990009", name=MARKED, parent=world.station, acting_user=world.system)


def reviewed(world):
    use = world.broken()
    readers.review(use, justified=True, finding=MARKED, acting_user=world.guard)


TYPED = {
    "title": lambda w: described(w, title=MARKED),
    "note of a material": lambda w: described(w, note=MARKED),
    "value": lambda w: confirmed(w, MARKED),
    "words on the page": lambda w: confirmed(w, "某部", MARKED),
    "unit code as a value": lambda w: confirmed(w, f"{TRACE} 81234部队"),
    "name of a person": lambda w: people.create_person(
        unit=w.station, name=f"{TRACE}（绝密）", acting_user=w.clerk
    ),
    "title at the desk": lambda w: decided(w, title=MARKED),
    "note at the desk": lambda w: decided(w, note=MARKED),
    "value at the desk": lambda w: decided(w, values={"部职别": MARKED}),
    "name at the desk": lambda w: decided(w, new_name=f"{TRACE}（绝密）"),
    "page put aside": put_aside,
    "page sent back": sent_back,
    "register, title": lambda w: registered(w, title=MARKED),
    "register, note": lambda w: registered(w, note=MARKED),
    "register, fact": lambda w: registered(w, facts={"部职别": MARKED}),
    "register, place": lambda w: registered(w, place=("1", "2", "3", MARKED)),
    "shelf": placed,
    "fact taken back": withdrawn,
    "reason of opening": lambda w: w.open(MARKED),
    "reason of searching": lambda w: opening.open_search(
        code="other", note=MARKED, acting_user=w.leader
    ),
    "reason of unmasking": unmasked,
    "grant asked": lambda w: w.grant(MARKED),
    "grant given": lambda w: grants.give(w.grant(), note=MARKED, acting_user=w.chief),
    "grant refused": lambda w: grants.refuse(w.grant(), note=MARKED, acting_user=w.chief),
    "grant withdrawn": lambda w: grants.withdraw(w.grant(), why=MARKED, acting_user=w.guard),
    "reader named": lambda w: w.reader(MARKED),
    "reader ended": lambda w: readers.end_reader(w.named(), why=MARKED, acting_user=w.guard),
    "glass broken": lambda w: w.broken(MARKED),
    "glass reviewed": reviewed,
    "relative declared": related,
    "relative cleared": cleared,
    "role proposed": role_changed,
    "account": account_made,
    "unit": unit_made,
}


@pytest.mark.parametrize("sampled", [0, 100])
@pytest.mark.parametrize("way", [way for way in TYPED if "desk" in way])
def test_what_is_typed_at_the_desk_is_asked_before_a_sample_waits_with_it(
    world, settings, way, sampled
):
    settings.SECOND_CHECK_PERCENT = sampled
    with pytest.raises(AlarmingRefusalError):
        TYPED[way](world)
    assert traces() == set()


@pytest.mark.parametrize("way", [way for way in TYPED if "desk" not in way])
def test_whatever_a_person_types_is_asked_and_his_act_undone(world, way):
    with pytest.raises(AlarmingRefusalError) as refusal:
        TYPED[way](world)
    assert refusal.value.code == "secret-mark"
    tell(refusal.value)
    assert told() == 1 and traces() == set()


def test_what_is_planted_is_found_where_it_gets_through(world):
    """The control: the same search finds the words in a row, packed in one, on the log, in an object."""
    item = world.item
    change_row(item, note=TRACE)
    change_row(item.pages.get(), layer=zlib.compress(TRACE.encode()))
    objects.put(TRACE.encode("gb18030"), "text/plain")
    with pytest.raises(AlarmingRefusalError):
        described(world, note=MARKED)
    with transaction.atomic():
        record("item:describe", actor=None, subject=item, detail={"note": TRACE})
    assert traces() >= {"casefiles.Item", "casefiles.Page", "ledger item:describe", "objects"}
