"""A small roster as an old system would export it, and the recipe by which it is read."""

from __future__ import annotations

import io

RECIPE = """
format = 1
table = "roster"
key = ["工号"]
leave = ["备注"]

[[take]]
field = "姓名"
columns = ["姓名"]

[[take]]
field = "公民身份号码"
columns = ["身份证"]

[[take]]
field = "性别"
columns = ["性别"]

[[take]]
field = "出生日期"
columns = ["出生"]
"""
HEAD = ("工号", "姓名", "身份证", "性别", "出生", "备注")
LIN = ("001", "林长河", "990101193405120014", "男", "1934-05-12", "")
ZHAO = ("002", "赵小兰", "990101193607230027", "女", "1936.7.23", "")
WANG = ("003", "王建国", "990101193801010036", "男", "1938年1月1日", "走读")


def csv(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> bytes:
    return "\n".join(",".join(row) for row in (head, *rows)).encode() + b"\n"


def stream(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> io.BytesIO:
    return io.BytesIO(csv(*rows, head=head))
