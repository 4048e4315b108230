"""An installation of the first days: its schema by the migrations of that time, its rows by their models.

    python -m tests.security.older FILE    makes it in the house of the environment, and writes down
                                           in FILE every value that stands in it

Two ages are lived through: the first schema that held files, and the last one before columns were
encrypted. Only what has not changed since (bodies of the log, envelopes, text layers) is the product's.
"""

import hashlib
import io
import json
import os
import sys
import zlib
from pathlib import Path

FIRST = {
    "sessions": "0001_initial",
    "orgs": "0001_initial",
    "accounts": "0001_initial",
    "ledger": "0002_fence",
    "jobs": "0001_initial",
    "objects": "0001_initial",
    "people": "0001_initial",
    "casefiles": "0002_relations",
    "batches": "0001_initial",
    "review": "0001_initial",
}
PLAIN = FIRST | {
    "objects": "0002_digest",
    "people": "0002_withdrawn",
    "casefiles": "0006_sealing",
    "batches": "0003_scan_state",
    "review": "0002_note",
    "search": "0003_collation",
    "alarms": "0001_initial",
}
PASSWORD = "correct horse 42"
NAME, KIN, NUMBER = "林长河", "高崎远", "990101193804010015"
WORDS = ("干部履历表", "三连战士", "立三等功一次")
LEVEL, LISTED = "内部", "基本"


def migrated(targets):
    """The models of that age, over a database of that age."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(list(targets.items()))
    executor.loader.build_graph()
    reached = [
        one for one in executor.loader.applied_migrations if one in executor.loader.graph.nodes
    ]
    assert len(reached) < len(executor.loader.graph.nodes)
    return executor.loader.project_state(reached).apps


class Log:
    """The log of that time: details beside it in the clear."""

    def __init__(self, apps):
        from rongdang.base.ledger.merkle import Frontier

        self.of = lambda name: apps.get_model("ledger", name).objects
        self.edge, self.leaves = Frontier(), []

    def add(self, event, actor, kind="", key="", **detail):
        from django.utils import timezone

        from rongdang.base.ledger import bodies, merkle
        from rongdang.base.ledger.heads import moment_text
        from rongdang.base.ledger.models import node_id

        at, seq, salt = timezone.now(), len(self.leaves) + 1, os.urandom(16)
        told = bodies.detail_bytes(detail)
        body = bodies.body_of(
            seq=seq,
            at=moment_text(at),
            event=event,
            actor=actor and str(actor),
            subject_kind=kind,
            subject_id=str(key),
            detail=bodies.detail_digest(salt, told),
        )
        leaf = merkle.leaf_hash(body)
        row = {"seq": seq, "at": at, "event": event, "actor": actor and str(actor)}
        entry = self.of("Entry").create(
            **row, subject_kind=kind, subject_id=str(key), body=body, leaf=leaf
        )
        self.of("Detail").create(entry=entry, salt=salt, body=told)
        for level, index, value in self.edge.append(leaf):
            self.of("Node").create(id=node_id(level, index), level=level, index=index, hash=value)
        self.leaves.append(leaf)

    def sign(self):
        from django.conf import settings
        from django.utils import timezone

        from rongdang.base.ledger.heads import head_message

        signer, at = settings.KEYRING.signer("ledger"), timezone.now()
        told = {"size": len(self.leaves), "root": self.edge.root(), "at": at}
        told |= {"suite": signer.suite, "key_id": signer.key_id}
        signature = signer.sign(head_message(log=self.leaves[0].hex(), **told))
        self.of("Head").create(**told, public_key=signer.public_key, signature=signature)


def stored(apps, data):
    """Bytes in the store, under a key of their own."""
    from django.conf import settings
    from django.utils import timezone

    from rongdang.base.cipher import envelope
    from rongdang.base.ids import uuid7
    from rongdang.keep.objects.shelf import PURPOSE, key_of, store

    pk, key = uuid7(), envelope.new_key()
    key_id, wrapped = settings.KEYRING.wrap(PURPOSE, key, pk.bytes)
    chunks = envelope.encrypted(io.BytesIO(data), key, key_id=key_id, file_id=pk)
    store().add(key_of(pk), chunks)
    return apps.get_model("objects", "StoredObject").objects.create(
        id=pk,
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        media_type="image/jpeg",
        key_id=key_id,
        wrapped_key=wrapped,
        verified_at=timezone.now(),
    )


def layer(*words):
    from rongdang.base.textlayer import Line, TextLayer

    lines = [
        Line(text, (0.1, 0.1 + n * 0.1, 0.1 + 0.03 * len(text), 0.14 + n * 0.1), 0.98)
        for n, text in enumerate(words)
    ]
    told = TextLayer("old 1", 60, 80, tuple(lines), (), ()).to_json()
    return zlib.compress(told.encode())


def picture():
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (60, 80), (120, 40, 90)).save(out, "JPEG")
    return out.getvalue()


def staff(apps, log):
    """Two units, a clerk and a reviewer, with their roles on the log."""
    from django.contrib.auth.hashers import make_password

    units = apps.get_model("orgs", "Unit").objects
    city = units.create(code="9900", name="梧桐市军休中心", path="0001")
    station = units.create(
        code="990001", name="梧桐里军休所", path="0001.0001", parent=city, fonds="X002"
    )
    made = {}
    for name, role in (("zhou", "clerk"), ("qin", "reviewer"), ("shen", "audit")):
        user = apps.get_model("accounts", "User").objects.create(
            username=name, display_name=name, password=make_password(PASSWORD)
        )
        log.add("user:create", None, "accounts.user", user.pk, username=name)
        unit = city if role == "audit" else station
        apps.get_model("accounts", "RoleAssignment").objects.create(user=user, role=role, unit=unit)
        log.add("role:assign", None, "accounts.user", user.pk, role=role, unit=str(unit.pk))
        made[name] = user
    return station, made


def first_days(apps):
    """Handed in, read, decided on, filed: one page of each kind of row."""
    log = Log(apps)
    station, users = staff(apps, log)
    clerk, image = users["zhou"], stored(apps, picture())
    handed_in(apps, station, clerk, image)
    person = apps.get_model("people", "Person").objects.create(
        unit=station,
        scope=station.path,
        name=NAME,
        name_keys="lin2chang2he2",
        birth="1938-04",
        record={"姓名": NAME, "出生日期": "1938-04", "公民身份号码": NUMBER, "配偶": KIN},
    )
    log.add("person:create", clerk.pk, "people.person", person.pk, name=NAME)
    file = apps.get_model("casefiles", "CaseFile").objects.create(
        number="X002-RS·JX-00001",
        scope=station.path,
        custodian=station,
        person=person,
        item_count=1,
        page_count=1,
        room="3",
    )
    log.add("casefile:open", clerk.pk, "casefiles.casefile", file.pk, number=file.number)
    item = apps.get_model("casefiles", "Item").objects.create(
        case_file=file,
        category="1",
        level=LEVEL,
        sequence=1,
        title="干部履历表",
        formed="1962",
        page_count=1,
        filed_by=clerk,
        note="纸边破损",
    )
    page = apps.get_model("casefiles", "Page").objects.create(
        item=item,
        sequence=1,
        original=image,
        optimised=image,
        width=60,
        height=80,
        engine="old 1",
        layer=layer(*WORDS),
    )
    log.add("item:file", clerk.pk, "casefiles.item", item.pk, title=item.title)
    for field, value in (("公民身份号码", NUMBER), ("配偶", KIN), ("出生日期", "1938-04")):
        apps.get_model("people", "Fact").objects.create(
            person=person,
            field=field,
            value=value,
            original=f"{value}（原件）",
            state="confirmed",
            page=page,
            formed="1962",
            recorded_by=clerk,
            box=[0.1, 0.1, 0.4, 0.2],
        )
    log.add("fact:confirm", clerk.pk, "people.person", person.pk, fields=["公民身份号码"])
    log.sign()
    return log


def handed_in(apps, station, clerk, image):
    """A batch with a page that is read and waits for a decision."""
    batch = apps.get_model("batches", "Batch").objects.create(
        number="20261124-001",
        scope=station.path,
        unit=station,
        source="page",
        state="review",
        declared_by=clerk,
        note="第一柜",
    )
    upload = apps.get_model("batches", "Upload").objects.create(
        batch=batch, name="扫描一.pdf", size=9, received=9, state="split", stored=image
    )
    scan = apps.get_model("batches", "Scan").objects.create(
        batch=batch,
        upload=upload,
        number=1,
        state="read",
        width=60,
        height=80,
        original=image,
        optimised=image,
        engine="old 1",
        layer=layer("入党志愿书", KIN),
    )
    material = apps.get_model("review", "Material").objects.create(
        batch=batch,
        scope=station.path,
        sequence=1,
        person_name=KIN,
        title="入党志愿书",
        category="7",
        fields=[{"field": "配偶", "value": NAME, "confidence": 0.9}],
    )
    apps.get_model("review", "MaterialPage").objects.create(
        material=material, scan=scan, sequence=1
    )
    apps.get_model("jobs", "Job").objects.create(path="rongdang.work.of.then", state="done")


def last_plain_days(apps, log):
    """Searched, read again, alarmed: what came before columns were encrypted."""
    from django.utils import timezone

    item = apps.get_model("casefiles", "Item").objects.get()
    page = apps.get_model("casefiles", "Page").objects.get()
    apps.get_model("casefiles", "EarlierText").objects.create(
        page=page, engine="older 0", layer=layer("于部履历表"), changes=1
    )
    indexed(apps, item, page)
    apps.get_model("review", "Material").objects.update(note="请核对配偶姓名")
    user, now = apps.get_model("accounts", "User").objects.get(username="zhou"), timezone.now()
    apps.get_model("alarms", "Alarm").objects.create(
        kind="outside-task",
        severity="warning",
        scope=item.case_file.scope,
        about=user,
        detail={"number": item.case_file.number},
        raised_at=now,
        last_at=now,
    )
    log.of = lambda name: apps.get_model("ledger", name).objects
    log.add("item:reread", user.pk, "casefiles.item", item.pk, engine="old 1")
    log.sign()


def indexed(apps, item, page):
    from rongdang.provide.search.pinyin import spellings
    from rongdang.provide.search.services import page_layout

    common = {"person": item.case_file.person, "scope": item.case_file.scope}
    of_item = {"item": item, "level": LEVEL, "category": item.category, "year": item.formed[:4]}
    laid = page_layout(bytes(page.layer))
    rows = [
        ("n", common["person"].pk, {"level": LISTED}, f"{NAME}\n{item.case_file.number}", b""),
        ("i", item.pk, of_item, item.title, b""),
        ("p", page.pk, of_item, laid.text, laid.places),
    ]
    for kind, ref, more, words, places in rows:
        document = apps.get_model("search", "Document").objects.create(
            kind=kind, ref=ref, **common, **more
        )
        anchored = "\n".join(spellings(NAME)) if kind == "n" else ""
        text = apps.get_model("search", "DocumentText").objects.create(
            document=document, words=words, anchored=anchored, places=places
        )
        into_the_index(document, text)


def into_the_index(document, text):
    """As each engine kept it then: PostgreSQL in plain words."""
    from django.db import connection

    from rongdang.provide.search import bigrams
    from rongdang.provide.search.engines import fts5
    from rongdang.provide.search.ports import PAGES, PEOPLE

    table = PEOPLE if document.kind == "n" else PAGES
    words = bigrams.canonical(text.words) + "".join(
        f"{bigrams.START}{one}{bigrams.END}" for one in text.anchored.split()
    )
    scope = bigrams.scope_tokens(document.scope, category=document.category, year=document.year)
    if connection.vendor == "sqlite":
        fts5.add(table, document.pk, words, scope)
        return
    heads = {f"{one}*" for one in words if one not in bigrams.MARKS}
    held = sorted({*bigrams.tokens(words), *heads, *scope})
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}(id, tokens, body) VALUES (%s, %s, %s)",
            [document.pk, held, words],
        )


def shown(value):
    """A value as JSON can keep it, the same whichever model it was read by."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return json.loads(json.dumps(value, default=str))


def values_of(model):
    """Key → column → value, of every row."""
    fields = [field.attname for field in model._meta.concrete_fields]
    return {
        str(row.pk): {name: shown(getattr(row, name)) for name in fields}
        for row in model._base_manager.all()
    }


def differences(written):
    """What stood in the old house and stands no more, or otherwise, in the one of today."""
    from django.apps import apps

    lost = []
    for label, rows in written.items():
        model = apps.get_model(label)
        now = values_of(model)
        kept = {field.attname for field in model._meta.concrete_fields}
        for pk, row in rows.items():
            told = now.get(pk)
            if told is None:
                lost.append((label, pk, "the row"))
                continue
            gone = [name for name in row if name not in kept]
            changed = [name for name in row if name in kept and told[name] != row[name]]
            lost += [(label, pk, name) for name in (*gone, *changed)]
    return lost


def main(path):
    import django

    django.setup()
    from django.conf import settings

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    log = first_days(migrated(FIRST))
    apps = migrated(PLAIN)
    last_plain_days(apps, log)
    models = [model for model in apps.get_models() if model._meta.app_label in PLAIN]
    written = {model._meta.label: values_of(model) for model in models}
    assert sum(map(len, written.values())) > 40
    Path(path).write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
