"""The data standard for programmes: fields, code tables, divisions, classes; and what a text is kept as.

Answers carry an ETag of the standard's state: ask again with If-None-Match and 304 says "as before".
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import etag
from ninja import Field, Path, Query, Router
from ninja.decorators import decorate_view

from rongdang.base.vocab import areas, codes, fields, publishing, tables, values
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors
from rongdang.web.desk.access import NotSeenError

router = Router(tags=["standard"])
MOST_VALUES, MOST_AREAS = 200, 200
TEXT = {"schema": {"type": "string"}}
SERVED = {"text/csv": TEXT, "application/xml": TEXT, "application/json": {"schema": {}}}
Name = Annotated[str, Path(pattern=r"^[a-z_]{2,40}$")]


def state(request: HttpRequest, **_named: Any) -> str:
    """The ETag of every answer here."""
    return f'"{publishing.digest()}"'


class TableHead(answers.Told):
    name: str
    title: str
    english: str
    version: str
    standard: str = Field(description=_("所依的国家标准；没有的是本平台自编"))
    source: str
    confidence: str = Field(description=_("H 可靠、M 一般、L 存疑"))


class StandardTold(answers.Told):
    digest: str = Field(description=_("整套标准的摘要，有一处改动就不同"))
    versions: list[TableHead]


class FieldTold(answers.Told):
    name: str
    code: str
    english: str
    group: str
    level: str = Field(description=_("内容层级"))
    type: str
    table: str = Field(description=_("代码表；没有的为空"))
    form: str = Field(description=_("文字要写成什么样：电话、编号、数目、账号、区划代码"))
    length: int
    repeats: bool = Field(description=_("一个人可以有几个"))
    meaning: str
    meaning_en: str
    gbt14946: str = Field(description=_("GB/T 14946 的信息项代码"))
    dat46: str = Field(description=_("DA/T 46 的元素"))
    source: str
    confidence: str
    also: list[str] = Field(description=_("表格和程序里的别的列名"))
    labels: list[str] = Field(description=_("表格上印的栏目名，识读按这些找"))


class CodeTold(answers.Told):
    code: str
    name: str
    english: str
    official: str = Field(description=_("标准里的名称，与旧档案写法不同时才有"))
    also: list[str] = Field(description=_("旧档案的写法"))
    typed: list[str] = Field(description=_("表格和程序里的写法"))
    valid: list[list[str]] = Field(description=_("从何年到何年使用"))
    confidence: str
    note: str
    more: dict[str, Any]


class TableTold(TableHead):
    entries: list[CodeTold]


class AreaTold(answers.Told):
    code: str
    name: str
    full_name: str = Field(description=_("当年的省、市、县名连写"))
    since: int = Field(description=_("最早的年末名单；1980 表示此前已有"))
    until: int | None = Field(description=_("最后的年末名单；仍在用的为空"))


class AreasAsked(questions.Asked):
    code: str = Field("", pattern=r"^\d{0,6}$", description=_("六位代码"))
    name: questions.Short = Field("", description=_("地名，可不带省市县区"))
    year: int | None = Field(None, ge=1900, le=2100, description=_("哪一年；不写的是历年"))


class Text(questions.Asked):
    field: questions.Short = Field(description=_("字段名"))
    text: Annotated[str, Field(max_length=4000)] = Field(description=_("写的是什么"))


class TextsAsked(questions.Asked):
    values: list[Text] = Field(max_length=MOST_VALUES)


class ValueTold(answers.Told):
    field: str
    value: str = Field(description=_("照标准存成什么"))
    certainty: str = Field(description=_("sure、approximate 或 doubtful"))
    wrong: list[str] | None = Field(description=_("不能这样写的原因，中文和英文"))
    doubt: list[str] | None = Field(description=_("可以写、要看一眼的原因，中文和英文"))


@router.get("/standard", auth=doors(), response=StandardTold, summary=_("数据标准各表的版本"))
@decorate_view(etag(state))
def standard(request: Caller) -> Any:
    return {"digest": publishing.digest(), "versions": publishing.versions()}


@router.get("/standard/fields", auth=doors(), response=list[FieldTold], summary=_("字段字典"))
@decorate_view(etag(state))
def field_list(request: Caller) -> Any:
    return [publishing.field_told(entry) for entry in fields.dictionary().values()]


@router.get("/standard/tables/{name}", auth=doors(), response=TableTold, summary=_("一张代码表"))
@decorate_view(etag(state))
def one_table(request: Caller, name: Name) -> Any:
    if name not in codes.all_tables():
        raise NotSeenError("standard.table", name)
    [head] = [one for one in publishing.versions() if one["name"] == name]
    return {**head, "entries": [publishing.code_told(entry) for entry in codes.entries(name)]}


@router.get(
    "/standard/areas",
    auth=doors(),
    response=list[AreaTold],
    summary=_("行政区划：某代码、某地名，在某一年或历年"),
)
@decorate_view(etag(state))
def area_list(request: Caller, asked: Query[AreasAsked]) -> Any:
    found = areas.history(asked.code) if asked.code else areas.named(asked.name)
    if asked.code and asked.year is not None:
        now = areas.at(asked.code, asked.year)
        found = (now,) if now else ()
    elif asked.year is not None:
        found = areas.named(asked.name, asked.year)
    return [_area(area, asked.year) for area in found[:MOST_AREAS]]


def _area(area: areas.Area, year: int | None) -> dict[str, Any]:
    told = areas.full_name(area.code, area.until if year is None else year)
    return {
        "code": area.code,
        "name": area.name,
        "full_name": told or area.name,
        "since": area.since,
        "until": area.until,
    }


@router.get(
    "/standard/schemes",
    auth=doors(),
    response=dict[str, Any],
    summary=_("十类的两个版本、对照和必备材料"),
)
@decorate_view(etag(state))
def scheme_list(request: Caller) -> Any:
    return {
        **{one: list(tables.table(f"scheme_{one}").rows) for one in publishing.SCHEMES},
        "mapping": list(tables.table("scheme_mapping").rows),
        "required": list(tables.table("required").rows),
    }


@router.get(
    "/standard/files/{name}",
    auth=doors(),
    summary=_(
        "成文件：fields.csv、schemes.csv、required.csv、standard.json、record.xsd、table-….csv"
    ),
    openapi_extra={"responses": {200: {"content": SERVED}}},
)
@decorate_view(etag(state))
def standard_file(
    request: Caller, name: Annotated[str, Path(pattern=r"^[a-z_.-]{2,60}$")]
) -> HttpResponse:
    found = publishing.file(name)
    if found is None:
        raise NotSeenError("standard.file", name)
    kind, data = found
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@router.post(
    "/standard/values",
    auth=doors(),
    response=list[ValueTold],
    summary=_("这些话照标准存成什么；什么也不留下"),
)
def kept_as(request: Caller, asked: TextsAsked) -> Any:
    told = []
    for one in asked.values:
        if not fields.is_known(one.field):
            raise NotSeenError("standard.field", one.field)
        kept = values.settled(one.field, one.text)
        told.append(
            {
                "field": one.field,
                "value": kept.value,
                "certainty": kept.certainty,
                "wrong": kept.wrong and list(kept.wrong),
                "doubt": kept.doubt and list(kept.doubt),
            }
        )
    return told
