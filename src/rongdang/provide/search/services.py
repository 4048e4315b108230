"""Writes to the index: a material with its pages, a person with his names."""

from __future__ import annotations

import uuid
import zlib

from django.db import transaction

from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import names
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people.models import Person
from rongdang.provide.search.bigrams import joined, scope_tokens, tokens
from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import engine


@transaction.atomic
def index_material(item: Item) -> None:
    """Put the material's title and pages into the index, in place of what was there."""
    _index_item(item)
    index_person(item.case_file.person)


@transaction.atomic
def index_case_file(case_file: CaseFile) -> None:
    """Put a whole file into the index: the person, every material, every page."""
    for item in case_file.items.select_related("case_file"):
        _index_item(item)
    index_person(case_file.person)


def _index_item(item: Item) -> None:
    case_file = item.case_file
    for old in Document.objects.filter(item=item):
        _take_out(old)
    common = {
        "person_id": case_file.person_id,
        "item": item,
        "scope": case_file.scope,
        "level": item.level,
        "category": item.category,
        "year": item.formed[:4],
    }
    _put_in(Document(kind="i", ref=item.pk, body=item.title, **common))
    for page in item.pages.all():
        text = page_text(bytes(page.layer))
        if text:
            _put_in(Document(kind="p", ref=page.pk, body=text, **common))


@transaction.atomic
def index_person(person: Person) -> None:
    """Put the person's names, pinyin and numbers into the index, in place of what was there."""
    for old in Document.objects.filter(ref=person.pk):
        _take_out(old)
    keys = names.pinyin_keys(person.name)
    lines = [person.name, person.record.get("曾用名", ""), keys.full, keys.initials]
    case_file = getattr(person, "case_file", None)
    if case_file is not None:
        lines.append(case_file.number)
    if person.record.get("公民身份号码"):
        lines.append(person.record["公民身份号码"])
    _put_in(
        Document(
            kind="n",
            ref=person.pk,
            person=person,
            scope=person.scope,
            level="基本",
            body="\n".join(line for line in lines if line),
        )
    )


def page_text(layer: bytes) -> str:
    """The page's text by line, lines of running prose joined so that phrases may cross them."""
    if not layer:
        return ""
    lines = TextLayer.from_json(zlib.decompress(layer).decode()).lines
    right = max((line.box[2] for line in lines), default=0.0)
    text = ""
    for line in lines:
        runs_on = line.box[2] > right - 0.06 and line.box[2] - line.box[0] > 0.5
        text += line.text + ("" if runs_on and not line.vertical else "\n")
    return text.strip()


def _put_in(document: Document) -> None:
    document.save(force_insert=True)
    engine().add(document.pk, joined(tokens(document.body)), _scope(document))


def _take_out(document: Document) -> None:
    engine().remove(document.pk, joined(tokens(document.body)), _scope(document))
    document.delete()


def _scope(document: Document) -> str:
    return joined(
        scope_tokens(
            document.scope,
            level=document.level,
            category=document.category,
            year=document.year,
            kind=document.kind,
        )
    )


def find_item(item_id: str | uuid.UUID) -> Item:
    return Item.objects.select_related("case_file__person").get(pk=item_id)


def find_case_file(case_file_id: str | uuid.UUID) -> CaseFile:
    return CaseFile.objects.select_related("person").get(pk=case_file_id)
