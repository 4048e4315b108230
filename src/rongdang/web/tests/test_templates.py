"""Every template stands up with what its view gives it, and keeps the policy on scripts and styles."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from rongdang.web.tests import samples
from rongdang.web.tests.samples import files, review

WEB = Path(__file__).resolve().parents[1]
INLINE = re.compile(
    r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<script(?![^>]*(?:\ssrc=|application/json))|<style|javascript:"""
)
HAN = re.compile(r"[\u3400-\u9fff]")
SPOKEN = re.compile(
    r"\{%-?\s*(?:translate|blocktranslate)\b.*?%\}|\{#.*?#\}|_\(\"[^\"]*\"\)", re.DOTALL
)
BLOCKS = re.compile(r"\{%\s*blocktranslate\b.*?endblocktranslate\s*%\}", re.DOTALL)


@pytest.mark.parametrize("name", samples.CONTEXTS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_renders_without_inline_script_or_style(name, language):
    with translation.override(language):
        html = render_to_string(name, samples.context(name), RequestFactory().get("/"))
    assert "<main" in html
    assert not INLINE.search(html), INLINE.search(html)


@pytest.mark.parametrize("name", samples.CONTEXTS)
def test_no_id_stands_twice_on_a_page(name):
    html = render_to_string(name, samples.context(name), RequestFactory().get("/"))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted(i for i in set(ids) if ids.count(i) > 1)


def test_all_chinese_in_templates_can_be_translated():
    left = {}
    for path in sorted((WEB / "templates").rglob("*.html")):
        if path.name == "styleguide.html":  # real words as material to look at
            continue
        text = SPOKEN.sub("", BLOCKS.sub("", path.read_text("utf-8")))
        text = (
            text.replace('lang="zh-hans">档<', "")
            .replace('word="中文"', "")
            .replace("：", "")
            .replace("　", "")
        )
        if HAN.search(text):
            left[path.name] = HAN.findall(text)[:12]
    assert not left


def test_icons_named_in_templates_are_drawn():
    drawn = set(
        re.findall(r'id="i-([a-z]+)"', (WEB / "templates" / "_icons.html").read_text("utf-8"))
    )
    for path in (WEB / "templates").rglob("*.html"):
        for name in re.findall(r'\{% icon "([a-z]+)" %\}', path.read_text("utf-8")):
            assert name in drawn, (path.name, name)


def test_review_desk_shows_the_crop_of_what_is_doubtful_only():
    html = render_to_string(
        "review/desk.html", samples.context("review/desk.html"), RequestFactory().get("/")
    )
    assert html.count('<svg class="crop"') == sum(
        row["confidence"] < 0.9 for row in review.HEAD + review.FIELDS
    )
    assert 'data-box="0.2200,0.2000,0.4200,0.2220"' in html


def _search_page(people, **filters):
    results = SimpleNamespace(people=people, people_total=len(people), hits=[], total=0, facets={})
    empty = dict.fromkeys(("unit", "category", "year"), "")
    context = {"query": "高崎远", "results": results, "filters": {**empty, **filters}}
    return render_to_string("search/results.html", context, RequestFactory().get("/"))


def test_a_search_that_finds_only_a_person_says_so_and_offers_nothing_to_narrow_down():
    html = _search_page([files.PERSON])
    assert "人找到了" in html and "没有找到" not in html and "缩小范围" not in html
    assert "没有找到“高崎远”" in _search_page([]) and "缩小范围" not in _search_page([])
    # A filter that leaves nothing can still be taken back.
    filtered = _search_page([], year="1962")
    assert "取消筛选再看看" in filtered and "缩小范围" in filtered
