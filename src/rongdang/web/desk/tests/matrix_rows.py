"""Every address of the desk, who may read it, who may post to it, and what: the table written by hand."""

import datetime as dt
import uuid

from django.utils import timezone

from rongdang.web.desk.tests import world as worlds

CLERK, REVIEWER, LEADER = {"clerk"}, {"reviewer"}, {"leader"}
DESK = CLERK | REVIEWER
FILES = DESK | LEADER
UPLOAD = CLERK | {"far"}  # somebody of another unit uploads there, never here
EVERYBODY = FILES | {"far", "none", "system", "security", "audit"}
SYSTEM, SECURITY, AUDIT = {"system"}, {"security"}, {"audit"}
ANY_DESK = DESK | {"far"}
ANY_FILES = FILES | {"far"}
REASON = {"purpose": "other", "note": "信访答复用"}


def rows(w):
    """(name, args, who may GET, who may POST, body of the POST)."""
    yield "home", [], EVERYBODY, None, None
    yield (
        "rule",
        [],
        None,
        LEADER,
        {"unit": w.station.code, "rule": "merge_certain", "allowed": "yes"},
    )
    yield from of_batches(w)
    yield from of_review(w)
    yield from of_people(w)
    yield from of_files(w)
    yield from of_images(w)
    yield from of_search(w)
    yield from of_sources(w)
    yield from of_officers(w)
    yield from of_the_ledger(w)
    yield from of_grants(w)
    yield from of_emergencies(w)
    yield from of_the_standard(w)
    yield from of_oneself(w)


def of_batches(w):
    declared = {"unit": w.station.code, "declared": "on"}
    yield "batches:list", [], ANY_DESK, None, None
    yield "batches:new", [], UPLOAD, CLERK, declared
    yield "batches:separators", [], UPLOAD, None, None
    yield "batches:detail", [w.review.pk], DESK, None, None
    yield "batches:files", [w.receiving.pk], None, CLERK, {"files": worlds.new_scan}
    yield "batches:uploads", [w.receiving.pk], None, CLERK, {"name": "a.jpg", "size": "0"}
    yield "batches:close", [w.receiving.pk], None, CLERK, {}
    yield "batches:open-again", [w.refused.pk], None, CLERK, {}
    yield "batches:abandon", [w.upload.pk], None, CLERK, {}
    yield "batches:rescans", [], ANY_DESK, None, None
    yield "batches:replace", [w.failed.pk], None, CLERK, {"file": worlds.new_scan}
    yield "batches:read-again", [w.failed.pk], None, CLERK, {}
    yield "batches:read-all-again", [w.review.pk], None, CLERK, {}
    yield "batches:give-up", [w.failed.pk], None, DESK, {"reason": "空白信封"}
    yield "batches:trays", [], UPLOAD, CLERK, declared


def of_review(w):
    decide = {
        "act": "confirm",
        "version": "1",
        "title": "履历表",
        "category": "1",
        "formed": "1962",
        "person": "new",
        "new_name": "林长河",
        "field:姓名": "林长河",
    }
    yield "review:next", [], ANY_DESK, None, None
    yield "review:sure", [], None, None, {"batch": w.review.number}
    yield "review:desk", [w.first.pk], DESK, None, None
    yield "review:act", [w.first.pk], None, DESK, decide


def of_people(w):
    table = {"unit": w.station.code, "table": "姓名\n高崎远", "act": "take"}
    masked = {"field": "公民身份号码", "reason": "核对身份"}
    yield "people:list", [], ANY_FILES, None, None
    yield "people:changes", [], ANY_DESK, DESK, {"text": str(w.earlier.pk)}
    yield "people:register", [], ANY_DESK, DESK, table
    yield "people:detail", [w.person.pk], FILES, None, None
    yield "people:open", [w.person.pk], FILES, FILES, REASON
    yield "people:story", [w.person.pk], FILES, None, None
    yield "people:unmask", [w.person.pk], None, FILES, masked
    said = {"page": str(w.page.pk), "field": "民族", "value": "汉族"}
    yield "people:add-fact", [w.item.pk], None, DESK, said
    yield "people:withdraw", [w.fact.pk], None, DESK, {"reason": "认错了字"}
    later = {"act": "later", "reason": "等原部队回函"}
    yield "conflicts:list", [], ANY_DESK, None, None
    yield "conflicts:one", [w.doubt.pk], DESK, DESK, later
    apart = {"act": "different", "reason": "照片不是一个人", "version": "waiting"}
    again = {"joining": str(w.joining.pk), "reason": "弄错了，是两个人"}
    yield "quality:board", [], ANY_FILES, ANY_FILES, {}
    yield "quality:people", [], ANY_DESK, None, None
    yield "quality:table", [], ANY_FILES, None, None
    yield "pairs:list", [], ANY_DESK, None, None
    yield "pairs:one", [w.pair.pk], DESK, DESK, apart
    yield "pairs:joinings", [], ANY_DESK, DESK, again
    divided = {"item": str(w.family.pk), "reason": "两个同名的人混在一起"}
    yield "people:split", [w.person.pk], DESK, DESK, divided


def of_files(w):
    described = {"title": "履历表", "category": "1", "formed": "1962", "version": "1"}
    password = "correct horse battery 9"
    export = {"form": "pdf", "password": password, "again": password, "password2": password}
    yield "people:place", [w.person.pk], None, DESK, {"room": "3"}
    yield "people:seal", [w.person.pk], None, REVIEWER, {}
    yield "people:sealing", [w.person.pk], FILES, None, None
    yield "people:catalogue", [w.person.pk], FILES, None, None
    yield "people:catalogue-pdf", [w.person.pk], FILES, None, None
    yield "people:notes-pdf", [w.person.pk], FILES, None, None
    yield "people:label-pdf", [w.person.pk], FILES, None, None
    yield "people:export", [w.person.pk], REVIEWER, REVIEWER, export
    yield "people:describe", [w.item.pk], None, DESK, described


def of_images(w):
    yield "images:scan", [w.read.pk, 900], DESK, None, None
    yield "images:page", [w.page.pk, 900], FILES, None, None
    yield "images:original", [w.page.pk], FILES, None, None


def of_search(w):
    yield "search:results", [], ANY_FILES, None, None
    yield "search:suggest", [], ANY_FILES, None, None
    yield "search:reason", [], None, ANY_FILES, REASON


def of_sources(w):
    new = {"unit": w.station.code, "name": "花名册", "files": worlds.new_table}
    text = {"text": w.recipe.text.replace("备注", "备 注")}
    yield "sources:list", [], ANY_DESK, None, None
    yield "sources:new", [], UPLOAD, CLERK, new
    yield "sources:detail", [w.source.pk], DESK, None, None
    yield "sources:deliver", [w.source.pk], None, CLERK, {"files": worlds.new_table}
    yield "sources:schedule", [w.source.pk], None, CLERK, {"every": "60"}
    yield "sources:mapping", [w.delivery.pk], CLERK, CLERK, {"act": "look"}
    yield "sources:mapping-text", [w.delivery.pk], None, CLERK, text
    yield "sources:table", [w.delivery.pk], None, CLERK, {"table": "名册"}
    yield "sources:recipe", [w.recipe.pk], DESK, None, None
    yield "sources:run", [w.trial.pk], DESK, None, None
    yield "sources:act", [w.begun.pk], None, DESK, {"act": "stop"}
    yield "sources:undo", [w.trial.pk], DESK, None, None
    yield "sources:refused", [w.trial.pk, "csv"], DESK, None, None


def of_officers(w):
    unit = {"what": "unit", "code": "990077", "name": "新所", "parent": w.station.code}
    relative = {"act": "declare", "username": "none-1", "number": w.case_file.number}
    role = {
        "what": "assign",
        "username": "none-1",
        "unit": w.station.code,
        "role": "clerk",
        "reason": "新来的",
    }
    settled = {"scan": str(w.secret.pk), "cleared": "no", "note": "存保密柜"}
    gate = {"what": "propose", "reason": "本机已通过分级保护测评", "hours": "2"}
    host = {"what": "propose", "host": "10.0.0.8", "port": "3306", "reason": "读旧系统的人员表"}
    rule = {"act": "ask", "unit": w.station.code, "field": "籍贯", "first": "earliest"}
    rule |= {"clause": "梧桐市〔2026〕3号", "reason": "籍贯按入伍时的登记为准"}
    note = {"alarm": str(w.alarm.pk), "note": "已问过本人"}
    yield "officers:units", [], SYSTEM, SYSTEM, unit
    yield "officers:roles", [], SECURITY | AUDIT, None, None
    yield "officers:roles-pdf", [], SECURITY | AUDIT, None, None
    yield "officers:recusals", [], SECURITY, SECURITY, relative | {"relation": "父"}
    # Each in turn proposes: only the security officer may; the leader decides, the system officer asks for a reset.
    yield "officers:changes", [], SECURITY | LEADER | SYSTEM, SECURITY, role
    yield "officers:secrets", [], SECURITY, SECURITY, settled
    yield "officers:gate", [], SYSTEM | SECURITY, SYSTEM | SECURITY, gate
    yield "officers:record-rules", [], ANY_DESK | LEADER | SECURITY, SECURITY, rule
    yield "officers:hosts", [], SYSTEM | SECURITY, SYSTEM | SECURITY, host
    yield "officers:jobs", [], SYSTEM, None, None
    yield "officers:retry", [], None, SYSTEM, {"job": str(w.job.pk)}
    yield "officers:health", [], SYSTEM | SECURITY | AUDIT, None, None
    yield "officers:alarms", [], SECURITY | AUDIT, SECURITY, note


def of_the_ledger(w):
    yield "officers:ledger", [], AUDIT, None, None
    yield "officers:ledger-verify", [], None, AUDIT, {}
    yield "officers:ledger-verification", [w.verification.pk], AUDIT, None, None
    yield "officers:ledger-report", [], AUDIT, None, None
    yield "officers:ledger-report-pdf", [], AUDIT, None, None


def of_grants(w):
    wanted = {
        "numbers": w.case_file.number,
        "purpose": "benefit",
        "levels": "基本",
        "reason": "核定护理费",
        "until": f"{timezone.now() + dt.timedelta(days=1):%Y-%m-%dT%H:%M}",
    }
    yield "grants:own", [], ANY_FILES, None, None
    yield "grants:ask", [], ANY_FILES, ANY_FILES, wanted
    yield "grants:desk", [], LEADER | SECURITY, None, None
    given = {"act": "give", **{key: wanted[key] for key in ("numbers", "levels", "until")}}
    yield "grants:decide", [w.asked.pk], None, LEADER, given
    yield "grants:withdraw", [w.asked.pk], None, CLERK | LEADER | SECURITY, {"why": "不用了"}


def of_emergencies(w):
    glass = {"sought": w.case_file.number, "reason": "林老突发心梗，急查药物过敏史"}
    end = {"act": "end", "reader": str(w.reader.pk), "why": "换班"}
    yield "emergency:open", [], REVIEWER, None, glass  # his password alone does not break it
    yield "emergency:office", [], LEADER | SECURITY, LEADER | SECURITY, end


def of_the_standard(w):
    yield "standard:fields", [], EVERYBODY, None, None
    yield "standard:tables", [], EVERYBODY, None, None
    yield "standard:table", ["rank"], EVERYBODY, None, None
    yield "standard:schemes", [], EVERYBODY, None, None
    yield "standard:take", ["fields.csv"], EVERYBODY, None, None


def of_oneself(w):
    """Last: a changed password takes a new session, which the undoing takes away again."""
    new = "another horse 43"
    own = {"old": "correct horse 42", "password": new, "again": new}
    yield "confirm", [], EVERYBODY, EVERYBODY, {"password": "correct horse 42"}
    yield "factors", [], EVERYBODY, None, None
    programme = {"name": "日报", "scopes": "people", "days": "30"}
    yield (
        "subscriptions",
        [],
        REVIEWER,
        REVIEWER,
        {"what": "subscribe", "name": "市养老系统", "url": "https://127.0.0.1/in"},
    )
    yield "tokens", [], EVERYBODY, EVERYBODY, programme
    yield "password", [], EVERYBODY, EVERYBODY, own
