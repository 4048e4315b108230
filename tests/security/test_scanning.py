"""The page with planted faults, beside which the scanners' silence over the house counts, has them."""

from .scanning import control
from .scanning.house import Counted


def answer(path, query="", application=control.application):
    told = []
    environ = {"PATH_INFO": path, "QUERY_STRING": query}
    body = b"".join(application(environ, lambda status, _headers: told.append(status)))
    return told[0][:3], body.decode()


def test_its_query_is_made_of_text():
    assert answer("/find", "name=a")[1].count("<li>") == 1
    assert answer("/find", "name=%27+or+1=1+--")[1].count("<li>") == 2
    assert answer("/find", "name=%27")[0] == "500"


def test_it_shows_markup_as_it_came():
    assert "<script>1</script>" in answer("/say", "word=<script>1</script>")[1]


def test_requests_and_crashes_are_counted():
    counted = Counted(control.application)
    for query in ("name=a", "name=%27"):
        answer("/find", query, counted)
    assert (counted.requests, counted.failed) == (2, 1)
