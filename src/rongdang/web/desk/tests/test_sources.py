"""A table comes in through the browser: looked at, mapped, tried, imported, mended, taken back."""

import csv
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rongdang.base.hosts import services as hosts
from rongdang.base.jobs.worker import run_one
from rongdang.capture.sources.models import Delivery, RecipeVersion, RefusedRow, Run
from rongdang.capture.sources.recipe_text import from_text
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Source, Statement

pytestmark = pytest.mark.django_db
HEAD = "RYBH,XM,XB,CSRQ,SFZH,MZ,RWSJ,BZ"
ROWS = [
    "001,林长河,1,19340512,990101193405120014,汉,195103,",
    "002,赵小兰,2,19360723,990101193607230025,回,195305,住院",
    "003,王建国,1,19380101,99010119380101003X,汉,1956,",
    "004,,1,19380101,,汉,1956,",
    "合计,,,,,,,4",
]


@pytest.fixture
def desk(clerk):
    browser = Client()
    browser.force_login(clerk)
    return browser


def work():
    while run_one():
        pass


def table(rows, head=HEAD, name="名册.csv", encoding="gb18030"):
    return SimpleUploadedFile(name, "\n".join([head, *rows]).encode(encoding))


def brought(desk, station, rows=ROWS, **more):
    """A source made in the browser, its file looked at; the delivery."""
    body = {"unit": station.code, "name": "工资系统", "files": table(rows), **more}
    answer = desk.post(reverse("sources:new"), body)
    assert answer.status_code == 302, answer.content.decode()
    work()
    return Delivery.objects.latest("given_at")


def form(desk, delivery, **changes):
    """What the page would send, with changes."""
    page = desk.get(reverse("sources:mapping", args=[delivery.pk])).context
    sent = {"act": "save", "nothing": " ".join(page["recipe"].nothing), "words": "第一版"}
    sent["all-unreadable"] = page["recipe"].unreadable
    for card in page["cards"]:
        sent[f"use-{card.at}"] = card.choice.use
        sent |= {
            f"{name}-{card.at}": getattr(card.choice, name)
            for name in ("who", "read", "part", "inside")
        }
        if card.choice.key:
            sent[f"key-{card.at}"] = "on"
        for one in card.meanings:
            sent[f"word-{one.at}-{card.at}"] = one.word
            sent[f"value-{one.at}-{card.at}"] = one.value
    return sent | changes


def tried(desk, delivery, **changes):
    answer = desk.post(
        reverse("sources:mapping", args=[delivery.pk]), form(desk, delivery, **changes)
    )
    assert answer.status_code == 302, answer.content.decode()
    work()
    return Run.objects.get(pk=answer.url.rstrip("/").rsplit("/", 1)[-1])


def imported(desk, run):
    answer = desk.post(reverse("sources:act", args=[run.pk]), {"act": "import"})
    work()
    return Run.objects.get(pk=answer.url.rstrip("/").rsplit("/", 1)[-1])


def test_a_table_is_looked_at_mapped_tried_imported_and_taken_back(desk, station):
    delivery = brought(desk, station)
    page = desk.get(reverse("sources:mapping", args=[delivery.pk])).content.decode()
    assert "列名“XM”通常是姓名" in page and "取值由身份号码印证" not in page
    assert "林＊＊" in page and "有合计行" in page or "合计" in page
    run = tried(desk, delivery)
    assert (run.dry, run.state, run.counts["new"], run.counts["refused"]) == (True, "done", 3, 1)
    assert not Statement.objects.exists()
    shown = desk.get(reverse("sources:run", args=[run.pk])).content.decode()
    assert "就这样导入" in shown and "没有姓名，也没有身份号码" in shown
    done = imported(desk, run)
    assert Person.objects.get(name="林长河").birth == "1934-05-12"
    assert Statement.objects.count() == 3
    assert "新鲜程度" in desk.get(reverse("sources:detail", args=[done.source_id])).content.decode()
    asked = desk.get(reverse("sources:undo", args=[done.pk])).content.decode()
    assert "这次新说的 3 行不再算数" in asked
    desk.post(reverse("sources:undo", args=[done.pk]))
    work()
    assert not Statement.objects.holding().exists()
    assert "和导入前一样" in desk.get(reverse("sources:run", args=[done.pk])).content.decode()


def test_refused_rows_are_mended_and_brought_again(desk, station):
    done = imported(desk, tried(desk, brought(desk, station)))
    answer = desk.get(reverse("sources:refused", args=[done.pk, "csv"]))
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert lines[0][-3:] == ["退回原因", "怎么办", "原行号"]
    mended = [cell if at != 1 else "高崎远" for at, cell in enumerate(lines[1])]
    file = table([",".join(mended)], head=",".join(lines[0]), name="改好.csv", encoding="utf-8")
    desk.post(reverse("sources:deliver", args=[done.source_id]), {"files": file, "part": "on"})
    work()
    again = imported(desk, tried(desk, Delivery.objects.latest("given_at")))
    assert (again.counts["new"], again.counts.get("missing", 0)) == (1, 0)
    assert Statement.objects.get(person__name="高崎远").row == int(lines[1][-1])
    assert RecipeVersion.objects.count() == 1  # the same recipe reads it


def test_a_workbook_of_refused_rows_holds_text(desk, station):
    run = tried(desk, brought(desk, station))
    answer = desk.get(reverse("sources:refused", args=[run.pk, "xlsx"]))
    assert answer.content.startswith(b"PK")
    assert RefusedRow.objects.filter(run=run).count() == 1


def test_a_choice_changes_the_preview_and_nothing_else(desk, station):
    delivery = brought(desk, station)
    body = form(desk, delivery, **{"use-7": "健康状况", "act": "", "column": "7"})
    headers = {"HX-Request": "true"}
    answer = desk.post(reverse("sources:mapping", args=[delivery.pk]), body, headers=headers)
    page = answer.content.decode()
    assert 'id="col-7"' in page and 'id="col-6"' not in page and 'hx-swap-oob="true"' in page
    assert "健康状况" in page and "住院" in page
    assert not RecipeVersion.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"use-1": "", "use-4": ""}, "没有一列是姓名或身份号码"),
        ({"use-7": "姓 氏"}, "不在字段字典"),
        ({"key-0": ""}, "没有写哪些列把各行区分开"),
    ],
)
def test_choices_that_make_no_recipe_are_told_beside_them(desk, station, changes, words):
    delivery = brought(desk, station)
    url = reverse("sources:mapping", args=[delivery.pk])
    shown = desk.post(url, form(desk, delivery, **changes, act="look"))
    assert words in shown.content.decode()
    refused = desk.post(url, form(desk, delivery, **changes))
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not RecipeVersion.objects.exists()


def test_what_a_word_means_is_kept_in_the_recipe(desk, station):
    delivery = brought(desk, station)
    at = 2
    body = {f"word-0-{at}": "1", f"value-0-{at}": "男", f"word-1-{at}": "2", f"none-1-{at}": "on"}
    run = tried(desk, delivery, **body)
    take = next(take for take in from_text(run.recipe.text).takes if take.field == "性别")
    assert take.values == {"1": "男", "2": ""}


def test_the_recipe_is_a_file_that_can_be_taken_and_pasted(desk, station):
    run = tried(desk, brought(desk, station))
    file = desk.get(reverse("sources:recipe", args=[run.recipe_id]))
    assert "attachment" in file.headers["Content-Disposition"]
    text = file.content.decode().replace('unreadable = "doubtful"', 'unreadable = "refuse"')
    answer = desk.post(reverse("sources:mapping-text", args=[run.delivery_id]), {"text": text})
    assert answer.status_code == 302
    assert RecipeVersion.objects.latest("number").number == 2
    broken = desk.post(
        reverse("sources:mapping-text", args=[run.delivery_id]), {"text": "format = ["}
    )
    assert broken.status_code == 422
    assert "这份对照方案读不了" in broken.content.decode()


def test_a_file_without_a_table_is_refused_and_no_source_is_made(desk, station):
    file = SimpleUploadedFile("图.xlsx", b"PK\x03\x04" + b"0" * 200)
    answer = desk.post(
        reverse("sources:new"), {"unit": station.code, "name": "坏的", "files": file}
    )
    assert 400 <= answer.status_code < 500
    assert not Source.objects.exists()
    assert (
        desk.post(reverse("sources:new"), {"unit": station.code, "name": "空"}).status_code == 422
    )


def test_another_table_of_the_file_is_chosen(desk, station):
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for name, rows in (
            ("说明", [["这是说明"]]),
            ("人员", [HEAD.split(","), *[r.split(",") for r in ROWS]]),
            ("家属", [["身份证号", "姓名"], ["990101193405120014", "林长河"], ["1", "2"]]),
        ):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    file = SimpleUploadedFile("册.xlsx", made.getvalue())
    delivery = brought(desk, station, files=file)
    assert delivery.table == "人员"
    answer = desk.post(reverse("sources:table", args=[delivery.pk]), {"table": "家属"})
    work()
    page = desk.get(answer.url).content.decode()
    assert "身份证号" in page
    assert (
        desk.post(reverse("sources:table", args=[delivery.pk]), {"table": "x"}).status_code == 404
    )


def test_others_do_not_see_what_a_unit_brought(desk, station, stranger):
    run = tried(desk, brought(desk, station))
    other = Client()
    other.force_login(stranger)
    for name, key in (
        ("detail", run.source_id),
        ("mapping", run.delivery_id),
        ("run", run.pk),
        ("recipe", run.recipe_id),
        ("undo", run.pk),
    ):
        there = other.get(reverse(f"sources:{name}", args=[key]))
        nowhere = other.get(reverse(f"sources:{name}", args=[uuid.uuid4()]))
        assert (there.status_code, nowhere.status_code) == (404, 404), name


def test_a_newer_file_with_a_new_column_asks_for_it_and_refuses_to_run_before(desk, station):
    run = imported(desk, tried(desk, brought(desk, station)))
    newer = table([f"{row},135{at:08d}" for at, row in enumerate(ROWS[:3])], head=f"{HEAD},DH")
    desk.post(reverse("sources:deliver", args=[run.source_id]), {"files": newer})
    work()
    delivery = Delivery.objects.latest("given_at")
    page = desk.get(reverse("sources:mapping", args=[delivery.pk]))
    assert page.context["cards"][8].choice.use == "联系电话"
    again = tried(desk, delivery)
    assert (again.recipe.number, again.counts["changed"]) == (2, 3)
    shown = desk.get(reverse("sources:run", args=[again.pk])).content.decode()
    assert "会变什么" in shown and "林长河" in shown


def test_a_database_is_reached_only_where_two_officers_allowed_it(desk, station):
    way = {"server": "postgresql", "host": "10.9.8.7", "database": "hr", "user": "reader"}
    body = {"unit": station.code, "name": "干休所库", "secret": "s", "tls": "on", **way}
    answer = desk.post(reverse("sources:new"), body)
    assert answer.status_code == 403
    assert "10.9.8.7" in answer.content.decode()
    assert not Source.objects.exists()
    missing = desk.post(reverse("sources:new"), {**body, "host": ""})
    assert missing.status_code == 422
    assert not Source.objects.exists()


def test_a_way_to_a_database_is_kept_without_showing_its_secret(desk, station, city, person_in):
    named = hosts.propose(
        "127.0.0.1", 1, reason="读旧系统的人员表", acting_user=person_in("sys-3", "system", city)
    )
    hosts.decide(named, agreed=True, acting_user=person_in("sec-3", "security", city))
    way = {"server": "mysql", "host": "127.0.0.1", "port": "1", "database": "hr", "user": "reader"}
    body = {"unit": station.code, "name": "医院关系库", "secret": "very-secret", **way}
    answer = desk.post(reverse("sources:new"), body)
    assert answer.status_code == 302
    work()
    page = desk.get(answer.url).content.decode()
    assert "换一份再交" in page  # nothing listens there: told in words
    source = Source.objects.get()
    assert source.kind == "database"
    shown = desk.get(reverse("sources:detail", args=[source.pk])).content.decode()
    assert "换一种连法" in shown and "自己去读" in shown
    assert "very-secret" not in page + shown
