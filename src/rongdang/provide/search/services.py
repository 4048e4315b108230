"""Writes to the index: a material with its pages, a person with his names."""

from __future__ import annotations

import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet

from rongdang.base.textlayer import TextLayer
from rongdang.base.vocab import names
from rongdang.base.vocab.fields import dictionary
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.linkage.models import Joining
from rongdang.describe.people.claims import Claim, claims_of
from rongdang.describe.people.models import Person
from rongdang.provide.search.bigrams import END, START, canonical, scope_tokens
from rongdang.provide.search.layout import Layout, lay_out
from rongdang.provide.search.models import Document, DocumentText
from rongdang.provide.search.pinyin import spellings
from rongdang.provide.search.ports import PAGES, PEOPLE, engine

NAMES = ("姓名", "曾用名")  # fields that hold what a person is or was called
NUMBERS = ("公民身份号码",)
OPEN_LEVEL = "基本"  # of what a list shows anyhow: name and file number


@transaction.atomic
def index_item(item: Item) -> None:
    """Put the material's title and pages into the index, in place of what was there.

    The person follows: who may find a name depends on the level of the material that says it.
    """
    _index_item(item)
    index_person(item.case_file.person)


@transaction.atomic
def index_case_file(case_file: CaseFile) -> None:
    """Put a whole file into the index anew: the person, every material, every page."""
    for item in case_file.items.select_related("case_file"):
        _index_item(item)
    index_person(case_file.person)


@transaction.atomic
def index_both(made: Joining) -> None:
    """Put both records into the index anew, with the files they have now."""
    for person in (made.other, made.kept):
        case_file = CaseFile.objects.select_related("person").filter(person=person).first()
        if case_file is None:
            index_person(person)
        else:
            index_case_file(case_file)


def _index_item(item: Item) -> None:
    case_file = item.case_file
    pages = list(item.pages.all())
    _take_out(Document.objects.filter(item=item))
    _take_out(Document.objects.filter(ref__in=[page.pk for page in pages]))  # came from elsewhere
    common = {
        "person_id": case_file.person_id,
        "item": item,
        "scope": case_file.scope,
        "level": item.level,
        "category": item.category,
        "year": item.formed[:4],
    }
    _put_in(Document(kind="i", ref=item.pk, **common), Layout(item.title, b""))
    for page in pages:
        layout = page_layout(bytes(page.layer))
        if layout.text:
            _put_in(Document(kind="p", ref=page.pk, **common), layout)


@transaction.atomic
def index_person(person: Person) -> None:
    """Put the person's names, spellings and numbers into the index, in place of what was there.

    What was learned from a page is found only by those who may see a page that says it.
    """
    _index_people([person])


@transaction.atomic
def index_people(people: Collection[uuid.UUID]) -> None:
    """As `index_person`, of many at once."""
    _index_people(list(Person.objects.filter(pk__in=people).order_by("pk")))


def _index_people(people: Sequence[Person]) -> None:
    keys = [person.pk for person in people]
    _take_out(Document.objects.filter(ref__in=keys))
    open_ones = [person for person in people if person.closed_at is None]
    claims = claims_of(keys)
    files = dict(CaseFile.objects.filter(person__in=keys).values_list("person_id", "number"))
    _put_many(
        one
        for person in open_ones
        for one in _found_by(person, claims.get(person.pk, ()), files.get(person.pk, ""))
    )


def _found_by(
    person: Person, claims: Sequence[Claim], number: str
) -> Iterator[tuple[Document, DocumentText]]:
    """A document for each level of content that knows names or numbers of his."""
    by_level: dict[str, dict[str, None]] = defaultdict(dict)
    by_level[OPEN_LEVEL][person.name] = None
    for level, value in _said_of(claims):
        by_level[level][value] = None
    for level, values in by_level.items():
        words = list(values)
        if level == OPEN_LEVEL and number:
            words.append(number)
        document = Document(kind="n", ref=person.pk, person=person, scope=person.scope, level=level)
        yield (
            document,
            DocumentText(
                document=document,
                words="\n".join([*words, *(w.replace("·", "") for w in words if "·" in w)]),
                anchored="\n".join(s for value in values for s in spellings(value)),
            ),
        )


def _said_of(claims: Sequence[Claim]) -> list[tuple[str, str]]:
    """(level, value) of the confirmed names and numbers, each at the most open level that says it.

    A page says it at the level of its material, a row of a source at the level of the field.
    """
    said: dict[str, set[str]] = defaultdict(set)
    for claim in sorted(claims, key=lambda one: (one.recorded_at, one.id)):
        if claim.confirmed and claim.field in (*NAMES, *NUMBERS):
            word = names.normalise_name(claim.value) if claim.field in NAMES else claim.value
            said[word].add(_level_of(claim))
    return [
        (level, word)
        for word, levels in said.items()
        for level in ([OPEN_LEVEL] if OPEN_LEVEL in levels else sorted(levels))
    ]


def _level_of(claim: Claim) -> str:
    if claim.page is not None:
        return claim.page.item.level
    return dictionary()[claim.field].level if claim.origin == "row" else OPEN_LEVEL


def tidy_index(pause: float = 0.0) -> int:
    """Merge what the indexes grew in, in short steps so that nobody waits; how many steps it took.

    Changes nothing of what is found. May be ended at any step, and run again.
    """
    steps = 0
    for table in (PAGES, PEOPLE):
        while engine().tidy(table):
            steps += 1
            time.sleep(pause)
    return steps


def page_layout(layer: bytes) -> Layout:
    """Text and places of a page's deflated text layer; nothing of a page without one."""
    if not layer:
        return Layout("", b"")
    return lay_out(TextLayer.from_json(zlib.decompress(layer).decode()))


def _put_in(document: Document, layout: Layout, anchored: Iterable[str] = ()) -> None:
    text = DocumentText(
        document=document, words=layout.text, anchored="\n".join(anchored), places=layout.places
    )
    document.save(force_insert=True)
    text.save(force_insert=True)
    engine().add(_index(document), document.pk, _indexed(text), _scope(document))


def _put_many(found: Iterable[tuple[Document, DocumentText]]) -> None:
    """As `_put_in`, of many: the rows in bulk, the index one by one."""
    rows = list(found)
    Document.objects.bulk_create([document for document, _text in rows])
    for document, text in rows:
        text.document_id = document.pk
    DocumentText.objects.bulk_create([text for _document, text in rows])
    for document, text in rows:
        engine().add(_index(document), document.pk, _indexed(text), _scope(document))


def _take_out(documents: QuerySet[Document]) -> None:
    for document in documents.select_related("text"):
        engine().remove(_index(document), document.pk, _indexed(document.text), _scope(document))
        document.delete()


def is_indexed(document: Document) -> bool:
    """Does the index hold the document as its row tells it?"""
    said = _indexed(document.text)
    return engine().holds(_index(document), document.pk, said, _scope(document))


def _indexed(text: DocumentText) -> str:
    return canonical(text.words) + "".join(
        f"{START}{spelling}{END}" for spelling in text.anchored.split()
    )


def _index(document: Document) -> str:
    return PEOPLE if document.kind == "n" else PAGES


def _scope(document: Document) -> list[str]:
    return scope_tokens(document.scope, category=document.category, year=document.year)


def find_item(item_id: str | uuid.UUID) -> Item:
    return Item.objects.select_related("case_file__person").get(pk=item_id)


def find_person(person_id: str | uuid.UUID) -> Person:
    return Person.objects.get(pk=person_id)


def find_joining(joining_id: str | uuid.UUID) -> Joining:
    return Joining.objects.select_related("kept", "other").get(pk=joining_id)


def find_case_file(case_file_id: str | uuid.UUID) -> CaseFile:
    return CaseFile.objects.select_related("person").get(pk=case_file_id)
