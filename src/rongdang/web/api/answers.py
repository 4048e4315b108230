"""What is answered, field by field; the words are Chinese here and English by Accept-Language."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Generic, TypeVar

from django.utils.translation import gettext_noop as _
from ninja import Field, Schema
from pydantic import ConfigDict

Row = TypeVar("Row")
Box = tuple[float, float, float, float]


class Told(Schema):
    """What the house answers: every field named, none beside."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Listed(Told, Generic[Row]):
    items: list[Row]
    after: str = Field(description=_("从这里接着取下一页；空的表示取完了"))


class UnitTold(Told):
    code: str = Field(description=_("机构代码"))
    path: str = Field(description=_("在机构树中的位置，用来筛选"))
    name: str
    name_en: str


class RoleTold(Told):
    role: str = Field(description=_("岗位"))
    unit: str = Field(description=_("任职机构在树中的位置"))


class Me(Told):
    username: str
    name: str
    roles: list[RoleTold]
    permissions: list[str] = Field(description=_("至少在一处有的权限"))
    scopes: list[str] = Field(description=_("令牌的用途；用登录会话时为空"))
    until: dt.datetime | None = Field(description=_("令牌的期限；用登录会话时为空"))


class PersonRow(Told):
    id: uuid.UUID
    name: str
    birth: str = Field(description=_("出生日期，可只到年或月"))
    unit: str = Field(description=_("保管机构在树中的位置"))
    unit_name: str
    number: str = Field(description=_("档号"))
    state: str = Field(description=_("案卷状态"))
    items: int | None = Field(description=_("材料份数；有材料对您不开放时不告知"))
    pages: int | None = Field(description=_("页数；有材料对您不开放时不告知"))


class Suggested(Told):
    id: uuid.UUID
    name: str
    birth: str
    number: str | None
    unit_name: str


class PurposeTold(Told):
    code: str = Field(description=_("事由代码，说明事由时填这个"))
    name: str
    english: str
    clause: str = Field(description=_("依据"))
    needs_note: bool = Field(description=_("要不要另写明任务、文号或申请人"))
    levels: list[str] = Field(description=_("这一事由看得到的内容级别"))


class OpeningTold(Told):
    id: uuid.UUID
    person: uuid.UUID | None = Field(description=_("打开的是谁的档案；空的是为检索说明的"))
    purpose: str
    note: str
    until: dt.datetime = Field(description=_("到这时为止"))


class Evidence(Told):
    page: uuid.UUID
    material: uuid.UUID
    number: int = Field(description=_("材料里的第几页"))
    box: Box | None = Field(description=_("页面上的位置：左、上、右、下，都在 0 到 1 之间"))


class RowTold(Told):
    source: uuid.UUID
    name: str = Field(description=_("来源的名称"))
    row: int = Field(description=_("来源里的第几行"))


class FactTold(Told):
    id: uuid.UUID = Field(description=_("事实的编号；来自表格的，是那一行说法的编号"))
    field: str = Field(description=_("字段字典里的名称"))
    value: str = Field(description=_("归一后的值；遮挡的只露头尾"))
    original: str = Field(description=_("页面上或表格里的写法"))
    certainty: str = Field(description=_("sure 确定、approximate 大约、doubtful 存疑"))
    masked: bool
    state: str
    evidence: Evidence | None = Field(description=_("依据：哪一页哪一处"))
    row: RowTold | None = Field(description=_("依据：哪个来源的哪一行"))
    formed: str = Field(description=_("依据材料的形成时间"))
    confidence: float
    recorded_by: str
    recorded_at: dt.datetime
    withdrawn_why: str


class Held(Told):
    fact: FactTold = Field(description=_("现在采用的"))
    others: list[FactTold] = Field(description=_("说法不同、同样确认过的"))


class MaterialTold(Told):
    id: uuid.UUID
    category: str = Field(description=_("类号"))
    level: str = Field(description=_("内容级别"))
    sequence: int
    title: str
    title_made: bool = Field(description=_("题名是不是拟的"))
    formed: str = Field(description=_("形成时间，可只到年或月"))
    page_count: int
    paper_only: bool = Field(description=_("只有纸质，没有扫描"))
    is_copy: bool
    note: str


class PageRow(Told):
    id: uuid.UUID
    number: int
    width: int
    height: int
    blank: bool


class MaterialWhole(Told):
    material: MaterialTold
    person: uuid.UUID
    pages: list[PageRow]


class LineTold(Told):
    text: str
    box: Box
    confidence: float


class PageTold(Told):
    id: uuid.UUID
    material: uuid.UUID
    person: uuid.UUID
    number: int
    width: int
    height: int
    blank: bool
    engine: str = Field(description=_("识读引擎和版本"))
    lines: list[LineTold] = Field(description=_("按阅读顺序；只为查阅而看时号码、地址已遮挡"))


class MissingTold(Told):
    name: str
    english: str
    category: str
    points: int
    why: str
    where: str
    why_en: str
    where_en: str
    veto: bool = Field(description=_("单缺这一件就不合格"))


class ContradictionTold(Told):
    severity: str
    zh: str
    en: str
    fields: list[str]
    clause: str


class FileTold(Told):
    person: uuid.UUID
    name: str
    number: str
    unit: str
    state: str
    scheme: str = Field(description=_("分类方案"))
    version: int = Field(description=_("入库版本；0 是还没入库"))
    purpose: str = Field(description=_("凭哪个事由看的"))
    until: dt.datetime | None = Field(description=_("事由到期的时间"))
    whole: bool = Field(description=_("这一事由下是否没有内容对您保留"))
    facts: list[Held]
    withdrawn: list[FactTold]
    materials: list[MaterialTold]
    contradictions: list[ContradictionTold] = Field(description=_("不能同时成立的说法"))
    score: int | None = Field(description=_("完整性得分；有内容保留时不告知"))
    missing: list[MissingTold] | None = Field(description=_("缺的材料；有内容保留时不告知"))


class BatchRow(Told):
    id: uuid.UUID
    number: str
    unit: str
    unit_name: str
    state: str
    source: str
    note: str
    created_at: dt.datetime


class UploadTold(Told):
    id: uuid.UUID
    name: str
    size: int
    received: int
    state: str
    pages_found: int
    reason: str = Field(description=_("没有收下或只读出一部分的原因"))


class BatchTold(Told):
    batch: BatchRow
    uploads: list[UploadTold]
    pages: dict[str, int] = Field(description=_("各种状态的页数"))


class ScanTold(Told):
    id: uuid.UUID
    upload: uuid.UUID
    number: int
    half: int
    state: str
    reason: str


class Hit(Told):
    kind: str = Field(description=_("页面或题名"))
    person: uuid.UUID
    name: str
    number: str
    material: uuid.UUID
    title: str
    category: str
    formed: str
    purpose: str = Field(description=_("凭哪条事由看到这一处"))
    page: uuid.UUID | None
    page_number: int | None
    before: str
    match: str
    behind: str
    boxes: list[Box] = Field(description=_("页面上的位置"))


class FacetTold(Told):
    value: str
    label: str
    count: int


class SearchTold(Told):
    query: str
    purposes: list[str] = Field(description=_("这次检索凭的事由，可以不止一条"))
    people: list[Suggested]
    people_total: int
    hits: list[Hit]
    total: int
    at_least: bool = Field(description=_("数到上限为止，实际更多"))
    facets: dict[str, list[FacetTold]]
    after: str = Field(description=_("从这里接着取下一页；空的表示取完了"))


class HeadTold(Told):
    log: str = Field(description=_("是哪一本账：第一条的散列"))
    size: int
    root: str
    at: str
    suite: int
    key_id: str
    public_key: str
    signature: str


class ProofTold(Told):
    index: int = Field(description=_("第几条，从 0 数"))
    size: int
    leaf: str
    path: list[str]
    root: str


class ConsistencyTold(Told):
    first: int
    second: int
    path: list[str]


class StandingTold(Told):
    kind: str
    done_at: dt.datetime | None
    failed_at: dt.datetime | None
    late: bool


class HealthTold(Told):
    fences: dict[str, bool] = Field(description=_("关文件的笼子每道防线是否立着"))
    database: str
    encrypted: bool
    free_bytes: int
    total_bytes: int
    engine: str
    jobs: dict[str, int]
    standings: list[StandingTold] = Field(description=_("备份、恢复演练、全部核验"))


class TermsTold(Told):
    numbers: list[str] = Field(description=_("档号"))
    levels: list[str]
    prints: int
    exports: int
    until: dt.datetime


class GrantTold(Told):
    id: uuid.UUID
    state: str
    purpose: str
    reason: str
    asked_at: dt.datetime
    asked: TermsTold = Field(description=_("申请的"))
    given: TermsTold | None = Field(description=_("批准的，不会比申请的多；空的表示没有批"))
    note: str


class OriginTold(Told):
    kind: str = Field(description=_("material＝一份材料，source＝一个旧系统"))
    id: uuid.UUID
    name: str


class ChangeTold(Told):
    seq: int = Field(description=_("账本里第几条"))
    at: dt.datetime
    event: str
    words: str = Field(description=_("这件事的说法"))
    person: uuid.UUID
    unit: str = Field(description=_("保管机构在树中的位置"))
    subject: uuid.UUID = Field(description=_("这件事是对什么办的：人员、案卷或材料"))
    fields: list[str] = Field(description=_("变了哪些字段；看不到的不告知"))
    origins: list[OriginTold] = Field(description=_("依据什么"))
    why: str = Field(description=_("写明的理由；看不到全部依据时为空"))


class Changes(Told):
    changes: list[ChangeTold]
    after: int = Field(description=_("下次从这里接着取"))
    more: bool = Field(description=_("现在还有没取完的"))
