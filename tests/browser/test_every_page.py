"""Every page: axe finds nothing, in three themes and at two widths; nothing runs over the edge, even at the largest type."""

import re
from pathlib import Path

import pytest

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "": ["/login/", "/heads/", "/styleguide/", "/api/v1/"],
    "zhoumin": [
        "/",
        "/batches/",
        "/batches/new/",
        "/batches/rescans/",
        "/batches/trays/",
        "/batches/separators/",
        "/batches/{rescan}/",
        "/batches/{receiving}/",
        "{desk}",
        "/people/",
        "/people/{person}/",
        "/people/{on_paper}/",
        "/people/changes/",
        "/people/register/",
        "/sources/",
        "/sources/new/",
        "/sources/{source}/",
        "/sources/mapping/{delivery}/",
        "/sources/runs/{trial}/",
        "/sources/runs/{run}/",
        "/sources/runs/{run}/undo/",
        "/people/{person}/catalogue/",
        "/people/{person}/story/",
        "/people/{person}/split/",
        "/pairs/",
        "/pairs/{pair}/",
        "/pairs/joinings/",
        "/quality/",
        "/quality/people/?measure=known",
        "/people/{person}/story/?known=2020-01-01&valid=1962-05-01",
        "/conflicts/",
        "/conflicts/{doubt}/",
        "/search/",
        "/search/?q=三连",
        "/search/?q=没有的词",
        "/password/",
        "/factors/",
        "/tokens/",
        "/confirm/",
        "/standard/",
        "/standard/tables/?word=功",
        "/standard/tables/area/?word=大庸",
        "/standard/schemes/",
        "/nowhere/",
    ],
    "qinzheng": ["/subscriptions/", "/", "/people/{person}/", "/people/{person}/export/"],
    "luyuan": ["/", "/people/{person}/", "/people/{person}/open/", "/search/?q=三连"],
    "sunxi": ["/officers/units/", "/officers/jobs/", "/officers/health/"],
    "anbao": [
        "/officers/roles/",
        "/officers/changes/",
        "/officers/recusals/",
        "/officers/secrets/",
        "/officers/gate/",
        "/officers/record-rules/",
        "/officers/hosts/",
        "/officers/alarms/",
    ],
    "shenji": ["/officers/ledger/", "/officers/ledger/report/"],
}
LOOKS = [("auto", 1440), ("auto", 390), ("dark", 1440), ("contrast", 1440), ("contrast", 390)]


def addresses(page, house, who):
    for address in PAGES[who]:
        if address == "{desk}":
            page.goto(f"/batches/{house['shots']}/")
            address = page.locator(
                "section[aria-labelledby=t-materials] a[data-row]"
            ).first.get_attribute("href")
        yield address.format(**house.made)


def dressed(page, house, theme="auto", size=""):
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.address}
            for name, value in (("theme", theme), ("size", size))
        ]
    )


def judged(page):
    """What axe finds wrong with the page as it stands, in words."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(
            AXE.read_text("utf-8")
        )  # through the debugger: the page's own policy stays as it is
    found = page.evaluate(
        "(rules) => window.axe.run({runOnly: rules}).then((result) => result.violations.map("
        "(one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')))",
        RULES,
    )
    return found


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci --ignore-scripts")
@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_on_any_page(visit, house, theme, width):
    faults = []
    for who in PAGES:
        page = visit(who, width=width, height=844 if width < 500 else 900)
        page.watch.allow(404)
        dressed(page, house, theme)
        for address in addresses(page, house, who):
            page.goto(address)
            faults += [f"{who} {address} {found}" for found in judged(page)]
    assert not faults


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_runs_over_the_edge_at_the_largest_type(visit, house, width):
    wide = []
    for who in PAGES:
        page = visit(who, width=width)
        page.watch.allow(404)
        dressed(page, house, size="xl")
        for address in addresses(page, house, who):
            page.goto(address)
            over = page.evaluate("document.documentElement.scrollWidth") - width
            if over > 0:
                wide.append(f"{who} {address}: {over} px")
    assert not wide


def test_the_list_of_pages_names_every_page_of_the_house(house):
    """A new page must come into the list above, or be no page of its own."""
    from django.urls import get_resolver

    listed = {re.sub(r"\{\w+\}|\?.*", "", address) for pages in PAGES.values() for address in pages}
    served = set()
    for name in (
        "batches",
        "people",
        "search",
        "officers",
        "review",
        "conflicts",
        "pairs",
    ):
        for pattern in next(
            p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == name
        ).url_patterns:
            served.add(re.sub(r"<[^>]*>", "", f"/{name}/{pattern.pattern}"))
    acts = {
        "files/",
        "uploads/",
        "close/",
        "open/",
        "abandon/",
        "replace/",
        "read/",
        "aside/",
        "act/",
        "sure/",
        "place/",
        "seal/",
        "describe/",
        "suggest/",
        "retry/",
        "sealing/",
        "unmask/",
        "withdraw/",
        "facts/",
        "reason/",
        "verify/",
        "verify//",
    }
    unlisted = {
        address
        for address in served
        if address not in listed
        and not address.endswith(".pdf")
        and not any(address.endswith(act) for act in acts)
    }
    assert unlisted <= {"/review/", "/review//", "/batches/uploads//"}, unlisted
