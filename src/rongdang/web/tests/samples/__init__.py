"""Contexts as the views give them, with invented people, for looking at every template."""

from __future__ import annotations

from rongdang.web.tests.samples import batches, entry, files, grants, log, office, outside, review
from rongdang.web.tests.samples import conflicts as conflict_pages
from rongdang.web.tests.samples import sources as source_pages
from rongdang.web.tests.samples import standard as standard_pages
from rongdang.web.tests.samples.staff import ME, MENU

CONTEXTS = {
    **batches.CONTEXTS,
    **review.CONTEXTS,
    **files.CONTEXTS,
    **office.CONTEXTS,
    **log.CONTEXTS,
    **entry.CONTEXTS,
    **outside.CONTEXTS,
    **grants.CONTEXTS,
    **source_pages.CONTEXTS,
    **standard_pages.CONTEXTS,
    **conflict_pages.CONTEXTS,
}


def context(name: str, **shell: str) -> dict[str, object]:
    """The whole context of a template: what its view gives and what the shell adds."""
    return {
        "user": ME,
        "menu": MENU,
        "theme": "auto",
        "size": "",
        "messages": [],
        "may_search": True,
        **CONTEXTS[name],
        **shell,
    }
