"""What goes out with every answer, and how a refusal is told."""

import json

from django.http import HttpResponse
from django.test import RequestFactory

from rongdang.base.errors import ConflictError
from rongdang.web import middleware

ERROR = ConflictError(
    "目录刚被改过，您的改动没有保存。",
    "Changed meanwhile.",
    hint_zh="先看差别。",
    hint_en="Look first.",
)


def test_archive_pages_stay_in_no_cache_and_run_no_foreign_script():
    answer = middleware.ArchiveHeaders(lambda _request: HttpResponse("x"))(
        RequestFactory().get("/people/")
    )
    assert answer["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_refusal_is_a_page_with_its_status():
    answer = middleware.answer(RequestFactory().get("/x"), ERROR)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "没有保存" in text
    assert "先看差别" in text


def test_a_refusal_to_a_program_is_json():
    answer = middleware.answer(
        RequestFactory().get("/x", headers={"Accept": "application/json"}), ERROR
    )
    assert answer.status_code == 409
    assert json.loads(answer.content) == {
        "code": "conflict",
        "message": "目录刚被改过，您的改动没有保存。 先看差别。",
    }


def test_a_refusal_to_htmx_goes_to_the_notices():
    request = RequestFactory().get("/x")
    request.htmx = True
    answer = middleware.answer(request, ERROR)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#notices")
    assert b"<main" not in answer.content


def test_other_errors_are_not_swallowed():
    held = middleware.DomainErrors(lambda _request: HttpResponse("x"))
    assert held.process_exception(RequestFactory().get("/x"), ValueError("bug")) is None
