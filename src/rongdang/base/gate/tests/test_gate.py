"""The gate for state secrets: what bears a mark is refused, words are not; opening it takes two."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.refusals import AlarmingRefusalError, tell
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate import services as gate
from rongdang.base.gate.marks import mark_in, mark_in_cells
from rongdang.base.ledger.models import Entry
from rongdang.base import vocab

pytestmark = pytest.mark.django_db
REASON = "本机已通过分级保护测评，批文见保密〔2026〕3号"


@pytest.mark.parametrize(
    "text,kind",
    [
        ("关于部署的命令 机密★长期", "机密"),
        ("绝 密 ★ 启用前", "绝密"),
        ("（秘密）任职命令", "秘密"),
        ("【机密】通知", "机密"),
        ("密级：秘密", "秘密"),
        ("密级:绝密", "绝密"),
        ("机密 十年", "机密"),
        ("机密", "机密"),
        ("第一行\n秘密☆5年", "秘密"),
        ("81234部队任职命令", "部队代号"),
        ("81234 部队", "部队代号"),
        ("八一二三四部队政治处", "部队代号"),
        ("任职命令机密·20年", "机密"),
        ("极机密", "机密"),
        ("绝密件", "绝密"),
        ("密级：机密级", "机密"),
    ],
)
def test_a_mark_is_told(text, kind):
    assert mark_in(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "保守国家秘密承诺书",
        "机要秘书任职通知",
        "秘密加入中国共产党的证明",
        "保密协议（1998）",
        "机密工作人员审查表",
        "秘密战线工作经历",
        "1953年参加31部队",
        "电话0571-85012345部队大院",
        "",
        # Words of offices, posts and papers.
        *("保密工作", "保密工作先进个人奖状", "保密员登记表", "保密守则学习记录", "密码电报员"),
        *("秘书", "党委秘书任职通知", "机要秘书", "秘书长", "秘书科副科长", "机密室保管员"),
        *("机密文件保管员", "机密资料室主任", "机密、绝密文件交接登记簿", "从事机密工作三年"),
        *(
            "秘密工作者",
            "在敌占区从事秘密工作",
            "秘密入党",
            "地下党秘密交通员",
            "秘密加入组织的经过",
        ),
        *(
            "泄露国家秘密被处分",
            "不得泄露军事机密",
            "保守党的秘密十年如一日",
            "商业秘密",
            "工作秘密",
        ),
        # What is quoted, titles of films and books among it.
        *(
            "电影《绝密飞行》观后感",
            "《机密行动》剧组合影",
            "读《秘密》一书",
            "“绝密”两个字",
            "《绝密543》演出证",
        ),
        # Levels that are named, asked for or chosen among.
        *(
            "接触密级机密以上文件",
            "密级：秘密、机密、绝密",
            "保密等级秘密级以下",
            "密级：无",
            "密级：内部",
        ),
        *("涉密人员（秘密级以上）审查表", "脱密期：秘密级一年、机密级二年", "保密期限：长期"),
        # Numbers and units that are no codes.
        *(
            "三五零一部队",
            "九三一部队",
            "三八三一二六部队",
            "编号112345部队",
            "一九五三年部队整编",
            "38军部队",
        ),
    ],
)
def test_a_word_is_no_mark(text):
    assert mark_in(text) == ""


def test_no_line_of_a_real_page_and_no_word_of_the_data_standard_is_a_mark(shared_data):
    scans = sorted((shared_data / "scans").glob("*.txt")) if shared_data else []
    data = sorted((Path(vocab.__file__).parent / "data").glob("*.json"))
    assert data
    for path in (*scans, *data):
        text = path.read_text(encoding="utf-8")
        words = re.findall(r'"([^"]+)"', text) if path.suffix == ".json" else text.splitlines()
        assert [word for word in words if mark_in(word)] == [], path.name


@pytest.fixture
def officers(person_in, city):
    return person_in("an", "security", city), person_in("xi", "system", city)


def stopped(user, text="机密★长期"):
    with pytest.raises(AlarmingRefusalError) as refusal:
        gate.refuse_marks(text, scope="", acting_user=user, place="description")
    return refusal.value


def test_what_is_stopped_is_told_to_the_officer_without_its_words(officers):
    refusal = stopped(officers[0], "某某行动 机密★长期")
    assert (
        refusal.code == "secret-mark"
        and "线下" in refusal.hint_zh
        and "off-line" in refusal.hint_en
    )
    tell(refusal)
    tell(refusal)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.times) == ("secret-suspected", 1)
    assert "行动" not in str(alarm.detail)


def test_two_officers_open_it_with_a_reason_and_an_end(officers):
    security, system = officers
    opening = gate.propose(reason=REASON, hours=2, acting_user=security)
    stopped(security)
    gate.decide(opening, agreed=True, acting_user=system)
    gate.refuse_marks("机密★长期", scope="", acting_user=security, place="description")
    assert Alarm.objects.get().kind == "secret-gate-off"
    events = list(Entry.objects.order_by("seq").values_list("event", flat=True))
    assert [e for e in events if e.startswith(("gate", "secret"))] == [
        "gate:propose",
        "gate:open",
        "secret:pass",
    ]
    gate.GateOpening.objects.update(until=timezone.now())  # the very second of its end
    stopped(security)


def test_it_may_be_shut_before_its_end_by_one(officers):
    security, system = officers
    opening = gate.propose(reason=REASON, hours=2, acting_user=system)
    gate.decide(opening, agreed=True, acting_user=security)
    gate.shut(opening, acting_user=system)
    stopped(security)


def test_nobody_opens_it_alone_nor_two_who_do_not_look_after_secrets(officers, person_in, city):
    security, system = officers
    opening = gate.propose(reason=REASON, hours=2, acting_user=system)
    with pytest.raises(NotPermittedError) as refusal:
        gate.decide(opening, agreed=True, acting_user=system)
    assert refusal.value.code == "own-proposal"
    with pytest.raises(NotPermittedError) as refusal:
        gate.decide(opening, agreed=True, acting_user=person_in("xi2", "system", city))
    assert refusal.value.code == "no-security-officer"
    for role in ("audit", "clerk", "leader"):
        with pytest.raises(NotPermittedError):
            gate.decide(opening, agreed=True, acting_user=person_in(role, role, city))
    stopped(security)
    assert not Alarm.objects.filter(kind="secret-gate-off").exists()


def test_officers_of_one_home_open_nothing_that_stands_over_all_and_still_may_shut_it(
    officers, person_in, station
):
    security, system = officers
    near = person_in("an3", "security", station)
    with pytest.raises(NotPermittedError) as refused:
        gate.propose(reason=REASON, hours=2, acting_user=near)
    assert refused.value.code == "not-everywhere"
    opening = gate.propose(reason=REASON, hours=2, acting_user=security)
    with pytest.raises(NotPermittedError):
        gate.decide(opening, agreed=True, acting_user=near)
    gate.decide(opening, agreed=True, acting_user=system)
    gate.shut(opening, acting_user=near)
    assert not gate.is_open()


@pytest.mark.parametrize("reason,hours", [("", 2), ("要用", 2), (REASON, 0), (REASON, 73)])
def test_without_a_reason_or_an_end_nothing_is_proposed(officers, reason, hours):
    with pytest.raises(DomainError) as refusal:
        gate.propose(reason=reason, hours=hours, acting_user=officers[0])
    assert refusal.value.code == "no-reason" and not gate.GateOpening.objects.exists()


def test_a_proposal_is_decided_once_and_one_waits_at_a_time(officers):
    security, system = officers
    opening = gate.propose(reason=REASON, hours=2, acting_user=security)
    with pytest.raises(ConflictError):
        gate.propose(reason=REASON, hours=2, acting_user=system)
    gate.decide(opening, agreed=False, acting_user=system)
    with pytest.raises(ConflictError):
        gate.decide(opening, agreed=True, acting_user=system)
    assert not gate.is_open()


def test_the_database_knows_no_opening_by_one(officers):
    from django.db import IntegrityError, transaction

    opening = gate.propose(reason=REASON, hours=2, acting_user=officers[0])
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        gate.GateOpening.objects.filter(pk=opening.pk).update(
            state="open", decided_by=officers[0], until=now + dt.timedelta(hours=1)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        gate.GateOpening.objects.filter(pk=opening.pk).update(state="open")


@pytest.mark.parametrize(
    ("cells", "level"),
    [
        (["林长河", "秘密★10年", "男"], "秘密"),
        (["林长河", "机 密 ★"], "机密"),
        (["林长河", "密级：绝密"], "绝密"),
        (["林长河", "12345 部 队"], "部队代号"),
        (["林长河", "保守国家秘密", "军队"], ""),
        (["机", "密"], ""),
        (["Lin", "1934"], ""),
        ([], ""),
    ],
)
def test_a_row_of_cells_is_looked_through_at_once(cells, level):
    assert mark_in_cells(cells) == level
