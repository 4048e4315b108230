"""reread: have filed pages read again by the engine of today; the earlier text stays beside."""

from __future__ import annotations

import argparse
import json
import sys

from rongdang.base.errors import DomainError
from rongdang.cli.jobs import work_off
from rongdang.cli.running import migrate


def reread(options: argparse.Namespace) -> int:
    """Ask for the pages another engine has read; with --read, read them now."""
    migrate(options)
    from django.conf import settings

    from rongdang.base.accounts.models import User
    from rongdang.capture.ocr.ports import shared_engine
    from rongdang.describe.casefiles import rereading

    user = User.objects.filter(username=options.user, is_active=True).first()
    if user is None:
        raise DomainError(
            f"没有账号“{options.user}”。", f"There is no account “{options.user}”.", code="no-user"
        )
    engine = shared_engine(settings.OCR_ENGINE).identity
    pages = rereading.read_by_others(user, engine).select_related("item__case_file")
    asked = rereading.ask_rereading(list(pages[: options.limit]), acting_user=user)
    code = work_off().code if options.read else 0
    left = rereading.read_by_others(user, engine).count()
    if options.json:
        sys.stdout.write(json.dumps({"engine": engine, "asked": asked, "left": left}) + "\n")
    else:
        sys.stdout.write(
            f"{engine}: 交去重读 {asked} 页，还有 {left} 页是别的版本读的 / "
            f"{asked} pages asked for, {left} still read by another engine\n"
        )
    return code
