"""The data standard as files to take away: CSV for people, JSON for programmes, XSD for records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rongdang.base.vocab import areas, categories, codes, fields, tables, values
from rongdang.base.vocab.codes import Code
from rongdang.base.vocab.fields import FieldEntry

XSD = "http://www.w3.org/2001/XMLSchema"
NAMESPACE = "urn:rongdang:record:1"
PERSON, PEOPLE = "人员", "人员表"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SCHEMES = ("2018", "2012")
AREA = "area"  # GB/T 2260 among the names of tables
PARTIAL_DATE = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
FIELD_COLUMNS = (
    "name code english group level type table form length repeats meaning meaning_en gbt14946 dat46 "
    "source confidence"
).split()
CODE_COLUMNS = "code name english official also typed valid confidence note".split()


@cache
def digest() -> str:
    """Tells one state of the whole standard from any other: a digest of its data files."""
    whole = hashlib.sha256()
    for path in sorted(tables.FOLDER.iterdir()):
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def versions() -> list[dict[str, str]]:
    """Every data file that has a name of its own: what, version, standard, source, how sure."""
    heads: list[tuple[str, Mapping[str, str]]] = [("fields", tables.table("fields").head)]
    heads += [(name, codes.about(name).head) for name in codes.all_tables()]
    heads += [(AREA, areas.head())]
    heads += [(f"scheme_{one}", tables.table(f"scheme_{one}").head) for one in SCHEMES]
    required = {"title": "必备材料", "english": "Required materials", "confidence": "M"}
    heads += [("required", required | dict(tables.table("required").head))]
    keys = ("title", "english", "version", "standard", "source", "confidence")
    return [{"name": name, **{key: head.get(key, "") for key in keys}} for name, head in heads]


def sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV as spreadsheets open it: UTF-8 with BOM; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([shielded(str(cell)) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def shielded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def fields_sheet() -> bytes:
    """The field dictionary, a field a line."""
    columns = (*FIELD_COLUMNS, "also", "labels")
    return sheet(columns, (_field_cells(entry) for entry in fields.dictionary().values()))


def _field_cells(entry: FieldEntry) -> list[object]:
    cells: list[object] = [getattr(entry, column) for column in FIELD_COLUMNS]
    return [*cells, "、".join(entry.also), "、".join(entry.labels)]


def table_sheet(name: str) -> bytes:
    """One code table; `area` is GB/T 2260. KeyError for no table."""
    if name == AREA:
        rows = ((one.code, one.name, one.since, one.until or "") for one in areas.everything())
        return sheet(("code", "name", "since", "until"), rows)
    _must_be_table(name)
    more = sorted({key for entry in codes.entries(name) for key in entry.more})
    rows_of = ([*_code_cells(entry), *(_plain(entry.more.get(key, "")) for key in more)]
               for entry in codes.entries(name))  # fmt: skip
    return sheet((*CODE_COLUMNS, *more), rows_of)


def _must_be_table(name: str) -> None:
    if name not in codes.all_tables():
        raise KeyError(name)


def _code_cells(entry: Code) -> list[object]:
    spans = "、".join(f"{first}-{last}" for first, last in entry.valid)
    words = ("、".join(entry.also), "、".join(entry.typed))
    return [entry.code, entry.name, entry.english, entry.official, *words, spans,
            entry.confidence, entry.note]  # fmt: skip


def _plain(value: object) -> object:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else value


def schemes_sheet() -> bytes:
    """Both editions of the classes, side by side with the class each becomes in the other."""
    columns = ("scheme", "code", "name", "english", "level", "sort", "other", "becomes")
    return sheet(columns, (_scheme_cells(*pair) for pair in _scheme_pairs()))


def _scheme_pairs() -> Iterable[tuple[str, str, categories.Category]]:
    for one, other in (SCHEMES, SCHEMES[::-1]):
        for entry in categories.scheme(one).entries:
            yield one, other, entry


def _scheme_cells(one: str, other: str, entry: categories.Category) -> list[str]:
    becomes = categories.map_code(entry.code, source=one, target=other)
    return [one, entry.code, entry.name, entry.english, entry.level, entry.sort, other, becomes]


def required_sheet() -> bytes:
    """What a complete file holds, with points and reasons."""
    columns = "name english category points veto when words why why_en where where_en".split()
    rows = ([_plain(row.get(one, "")) for one in columns] for row in tables.table("required").rows)
    return sheet(columns, rows)


def field_told(entry: FieldEntry) -> dict[str, Any]:
    told = {column: getattr(entry, column) for column in FIELD_COLUMNS}
    return {**told, "also": list(entry.also), "labels": list(entry.labels)}


def code_told(entry: Code) -> dict[str, Any]:
    return {
        "code": entry.code,
        "name": entry.name,
        "english": entry.english,
        "official": entry.official,
        "also": list(entry.also),
        "typed": list(entry.typed),
        "valid": [list(span) for span in entry.valid],
        "confidence": entry.confidence,
        "note": entry.note,
        "more": dict(entry.more),
    }


@cache
def whole() -> bytes:
    """Everything but the divisions of GB/T 2260, which come by themselves, as one JSON."""
    told = {
        "digest": digest(),
        "versions": versions(),
        "groups": [vars_of(group) for group in fields.groups()],
        "fields": [field_told(entry) for entry in fields.dictionary().values()],
        "tables": {
            name: [code_told(entry) for entry in codes.entries(name)] for name in codes.all_tables()
        },
        "schemes": {one: list(tables.table(f"scheme_{one}").rows) for one in SCHEMES},
        "scheme_mapping": list(tables.table("scheme_mapping").rows),
        "required": list(tables.table("required").rows),
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def vars_of(group: fields.Group) -> dict[str, str]:
    return {"code": group.code, "name": group.name, "english": group.english}


@cache
def record_xsd() -> bytes:
    """XML Schema of a list of people: each field once or, where it repeats, as often as needed."""
    root = Element("xs:schema", {
        "xmlns:xs": XSD, "xmlns": NAMESPACE, "targetNamespace": NAMESPACE,
        "elementFormDefault": "qualified", "version": digest(),
    })  # fmt: skip
    people = SubElement(root, "xs:element", name=PEOPLE)
    listed = SubElement(SubElement(people, "xs:complexType"), "xs:sequence")
    SubElement(listed, "xs:element", name=PERSON, type="人员型", maxOccurs="unbounded")
    person = SubElement(SubElement(root, "xs:complexType", name="人员型"), "xs:sequence")
    for entry in fields.dictionary().values():
        _element(person, entry)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _element(parent: Element, entry: FieldEntry) -> None:
    occurs: dict[str, Any] = {"minOccurs": "1" if entry.code == "name" else "0"}
    if entry.repeats:
        occurs["maxOccurs"] = "unbounded"
    element = SubElement(parent, "xs:element", name=entry.name, **occurs)
    noted = SubElement(SubElement(element, "xs:annotation"), "xs:documentation")
    noted.text = f"{entry.meaning} / {entry.english}: {entry.meaning_en}"
    restricted = SubElement(
        SubElement(element, "xs:simpleType"), "xs:restriction", base="xs:string"
    )
    for facet, value in _facets(entry):
        SubElement(restricted, f"xs:{facet}", value=value)


def _facets(entry: FieldEntry) -> list[tuple[str, str]]:
    """What a value of the field must be, as far as a schema can say it."""
    if entry.type == "date":
        return [("pattern", PARTIAL_DATE)]
    if entry.type == "id":
        return [("pattern", r"\d{17}[0-9X]")]
    if entry.type == "code" and codes.about(entry.table).head.get("closed"):
        return [("enumeration", one.name) for one in codes.entries(entry.table)]
    patterns = {"number": r"\d+", "account": r"\d{8,30}", "area": r"\d{6}"}
    if entry.form in patterns:
        return [("pattern", patterns[entry.form])]
    return [("minLength", "1"), ("maxLength", str(values.MOST))]


def record_xml(people: Iterable[Mapping[str, Sequence[str]]]) -> bytes:
    """People as records of `record_xsd`: field → its values, in the order of the dictionary."""
    root = Element(PEOPLE, xmlns=NAMESPACE)
    for known in people:
        person = SubElement(root, PERSON)
        for name in fields.dictionary():
            for value in known.get(name, ()):
                SubElement(person, name).text = value
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "fields.csv": ("text/csv; charset=utf-8", fields_sheet),
    "schemes.csv": ("text/csv; charset=utf-8", schemes_sheet),
    "required.csv": ("text/csv; charset=utf-8", required_sheet),
    "standard.json": ("application/json", whole),
    "record.xsd": ("application/xml", record_xsd),
}


def file(name: str) -> tuple[str, bytes] | None:
    """Type and bytes of one file of the standard; `table-sex.csv` is a code table. None for no file."""
    if name in FILES:
        kind, make = FILES[name]
        return kind, make()
    table = name.removeprefix("table-").removesuffix(".csv")
    if name == f"table-{table}.csv" and table in (*codes.all_tables(), AREA):
        return "text/csv; charset=utf-8", table_sheet(table)
    return None
