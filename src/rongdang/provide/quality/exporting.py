"""The board as a spreadsheet, for whoever reports it upwards."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.provide.quality.board import Figure
from rongdang.provide.quality.measures import measures

Rows = Sequence[tuple[Unit, Sequence[Figure]]]


@transaction.atomic
def export(unit: Unit, rows: Rows, day: dt.date, *, english: bool, acting_user: User) -> bytes:
    """The table of the units below; that it left is on the ledger."""
    require(acting_user, Permission.CASEFILE_SEE, unit.path)
    record("quality:export", actor=acting_user, subject=unit, detail={"day": day.isoformat()})
    return as_xlsx(rows, day, english=english)


def as_xlsx(rows: Rows, day: dt.date, *, english: bool) -> bytes:
    """One line a unit, one column a measure; words stay words, whatever sign they begin with."""
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Quality" if english else "数据质量")
        bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        title = "Data quality" if english else "数据质量"
        sheet.write_string(0, 0, f"{title} {day.isoformat()}", bold)
        heads = [one.en if english else one.zh for one in measures().values()]
        for column, head in enumerate(["Unit" if english else "机构", *heads]):
            sheet.write_string(1, column, head, bold)
        for line, (unit, figures) in enumerate(rows, 2):
            sheet.write_string(line, 0, unit.name_en if english and unit.name_en else unit.name)
            for column, figure in enumerate(figures, 1):
                if figure.share is not None:
                    sheet.write_number(line, column, figure.share, share)
        sheet.set_column(0, 0, 30)
        sheet.freeze_panes(2, 1)
    return target.getvalue()
