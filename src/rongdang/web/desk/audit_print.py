"""The audit report on paper, in Chinese as it is filed, with the newest head at its foot."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation

from rongdang.base.ledger.queries import head_line
from rongdang.describe.casefiles.reading_patterns import Patterns
from rongdang.provide.prints.rights import Grid, RightsTable, draw_rights
from rongdang.web.event_words import EVENTS


def drawn(gathered: dict[str, Any]) -> bytes:
    """A PDF of what `audit.gather_report` gathered."""
    today = timezone.localdate()
    with translation.override("zh-hans"):
        events = tuple(
            (str(EVENTS.get(event, event)), event, str(count))
            for event, count in gathered["events"]
        )
    grids = [Grid("事件", ("代码", "次数"), events, first=70.0)] if events else []
    if gathered["patterns"].readers:
        grids.append(_readers(gathered["patterns"]))
    return draw_rights(
        RightsTable(
            grids=tuple(grids),
            notes=_notes(gathered),
            day=f"{today.year}年{today.month}月{today.day}日",
            title="审计报告",
            foot=head_line(),
        )
    )


def _readers(patterns: Patterns) -> Grid:
    heads = (
        "次数",
        "卷数",
        "夜间",
        f"{patterns.dense_minutes}分钟内最多",
        "只看未办",
    )
    rows = tuple(
        (
            one.name or one.actor,
            str(one.looks),
            str(len(one.files)),
            str(one.night),
            str(one.densest),
            str(one.beside),
        )
        for one in patterns.readers
    )
    return Grid("谁看了", heads, rows, first=50.0)


def _notes(gathered: dict[str, Any]) -> tuple[str, ...]:
    told = [f"期间 {gathered['since']} 至 {gathered['until']}，共 {gathered['total']} 条账目。"]
    last = gathered["last"]
    if last is None:
        told.append("还没有核验过账本。")
    else:
        day = timezone.localtime(last.finished_at)
        result = (
            f"{last.report['size']} 条全部对得上"
            if last.report["ok"]
            else last.report["faults"][0]["zh"]
        )
        told.append(f"最近一次核验 {day:%Y-%m-%d %H:%M}：{result}；根 {last.report['root']}。")
    head = gathered["head"]
    if head is not None:
        told.append(f"账本 {head.log}；公钥 {head.public_key.hex()}（{head.key_id}）。")
        told.append(f"签名 {head.signature.hex()}。")
    told.append("审计员：　　　　　　　　　　日期：")
    return tuple(told)
