"""What is asked, field by field; the words are Chinese here and English by Accept-Language."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

# A zero byte is no character of any language, and PostgreSQL keeps none.
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")]
PER_PAGE = 100
LARGEST = 2**62  # what a column of the database holds


class Asked(Schema):
    """What the house is asked: a field it does not know is a mistake, not left aside."""

    model_config = ConfigDict(extra="forbid")


class Paged(Schema):
    after: Short = Field("", description=_("上一页给的接续处"))
    limit: int = Field(30, ge=1, le=PER_PAGE, description=_("一页至多几条"))


class PagedById(Schema):
    after: uuid.UUID | None = Field(None, description=_("上一页给的接续处"))
    limit: int = Field(30, ge=1, le=PER_PAGE, description=_("一页至多几条"))


class PeopleAsked(Paged):
    unit: Short = Field("", description=_("只要这个机构（在树中的位置）和下级"))
    state: Short = Field("", description=_("只要这种状态的案卷"))


class SuggestionsAsked(Schema):
    q: Short = Field(description=_("姓名、拼音或档号"))


class SearchAsked(Schema):
    q: Words = Field(description=_("要查的字"))
    unit: Short = Field("", description=_("只要这个机构（在树中的位置）和下级"))
    category: Short = Field("", description=_("只要这一类"))
    year: Short = Field("", description=_("只要这一年形成的"))
    after: int | None = Field(None, ge=0, le=LARGEST, description=_("上一页给的接续处"))


class Sized(Schema):
    width: int = Field(900, ge=1, le=2480, description=_("宽多少像素以内"))


class HeadsAsked(Schema):
    limit: int = Field(20, ge=1, le=PER_PAGE, description=_("至多几个"))


class ConsistencyAsked(Schema):
    first: int = Field(ge=1, le=LARGEST, description=_("短的账有几条"))
    second: int = Field(ge=1, le=LARGEST, description=_("长的账有几条"))


class ProofAsked(Schema):
    size: int | None = Field(None, ge=1, le=LARGEST, description=_("账本取到第几条；不填是全部"))


class OpeningAsked(Asked):
    person: uuid.UUID | None = Field(None, description=_("打开谁的档案；不填是为检索说明事由"))
    purpose: Short = Field(description=_("事由代码"))
    note: Words = Field("", description=_("任务、文号或申请人"))


class BatchAsked(Asked):
    unit: Short = Field(description=_("机构代码"))
    declared: bool = Field(description=_("声明不含涉密材料"))
    note: Words = ""


class GrantAsked(Asked):
    numbers: list[Short] = Field(max_length=500, description=_("档号"))
    levels: list[Short] = Field(max_length=8, description=_("内容级别"))
    purpose: Short
    reason: Words
    until: dt.datetime
    prints: int = Field(0, ge=0, le=9999)
    exports: int = Field(0, ge=0, le=9999)


class ChangesAsked(Schema):
    since: int = Field(0, ge=0, le=LARGEST, description=_("上一次给的 after；从头是 0"))
    limit: int = Field(100, ge=1, le=500, description=_("至多取多少件事"))
