"""A person with a file, and materials whose pages carry given lines."""

import zlib

from rongdang.base.textlayer import Line, TextLayer
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import (
    ItemDescription,
    PageSource,
    file_item,
    open_case_file,
)
from rongdang.describe.people.services import create_person
from rongdang.keep.objects import services as objects
from rongdang.provide.search.services import index_case_file


def layer(*lines):
    """Lines of text under each other, each from the left margin as far as its length goes."""
    placed = tuple(
        line
        if isinstance(line, Line)
        else Line(line, (0.1, 0.05 + n * 0.04, 0.1 + 0.02 * len(line), 0.08 + n * 0.04), 0.99)
        for n, line in enumerate(lines)
    )
    return TextLayer("null 1", 1000, 1400, placed, (), ())


def page(text_layer):
    stored = objects.put(text_layer.to_json().encode(), "image/jpeg")
    return PageSource(
        original_id=stored.pk,
        optimised_id=stored.pk,
        width=1000,
        height=1400,
        dpi=300,
        rotation=0,
        blank=False,
        engine=text_layer.engine,
        layer=zlib.compress(text_layer.to_json().encode()),
    )


def person_with(name, user, unit, *materials):
    """`materials` are (title, class, date, [lines of a page]); all is filed and in the index."""
    person = create_person(unit=unit, name=name, acting_user=user)
    case_file = open_case_file(person, acting_user=user)
    for title, category, formed, *pages in materials:
        file_item(
            case_file,
            ItemDescription(title, category, formed),
            [page(layer(*lines)) for lines in pages],
            acting_user=user,
        )
    index_case_file(CaseFile.objects.get(pk=case_file.pk))
    return person
