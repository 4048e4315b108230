"""Every address of the house."""

from __future__ import annotations

from django.urls import include, path

from rongdang.web import preferences, public_heads, styleguide
from rongdang.web.api import described
from rongdang.web.api.served import api
from rongdang.web.desk import (
    alarms,
    audit,
    batches,
    conflicts,
    correcting,
    emergency,
    gate,
    grants,
    home,
    hosts,
    images,
    login,
    mending,
    officers,
    opened,
    overview,
    own_password,
    pairs,
    people,
    prints,
    provider,
    quality,
    record_rules,
    recusals,
    registering,
    rereading,
    review,
    rights,
    role_changes,
    sealing,
    search,
    second_factor,
    source_mapping,
    source_runs,
    sources,
    splitting,
    standard,
    stories,
    subscriptions,
    tokens,
)

batch_urls = [
    path("", batches.batch_list, name="list"),
    path("new/", batches.batch_new, name="new"),
    path("separators/", batches.separator_sheets, name="separators"),
    path("<uuid:batch_id>/", batches.batch_detail, name="detail"),
    path("<uuid:batch_id>/files/", batches.batch_files, name="files"),
    path("<uuid:batch_id>/uploads/", batches.upload_begin, name="uploads"),
    path("<uuid:batch_id>/close/", batches.batch_close, name="close"),
    path("<uuid:batch_id>/read/", mending.read_all_again, name="read-all-again"),
    path("uploads/<uuid:upload_id>/", batches.upload_part, name="upload"),
    path("uploads/<uuid:upload_id>/open/", mending.open_again, name="open-again"),
    path("uploads/<uuid:upload_id>/abandon/", mending.abandon, name="abandon"),
    path("rescans/", mending.rescans, name="rescans"),
    path("scans/<uuid:scan_id>/replace/", mending.replace, name="replace"),
    path("scans/<uuid:scan_id>/read/", mending.read_again, name="read-again"),
    path("scans/<uuid:scan_id>/aside/", mending.give_up, name="give-up"),
    path("trays/", mending.trays, name="trays"),
]
review_urls = [
    path("", review.review_next, name="next"),
    path("sure/", review.confirm_sure, name="sure"),
    path("<uuid:material_id>/", review.desk, name="desk"),
    path("<uuid:material_id>/act/", review.act, name="act"),
]
people_urls = [
    path("", people.people_list, name="list"),
    path("changes/", rereading.text_changes, name="changes"),
    path("register/", registering.register, name="register"),
    path("<uuid:person_id>/", people.person_detail, name="detail"),
    path("<uuid:person_id>/open/", opened.state_purpose, name="open"),
    path("<uuid:person_id>/story/", stories.story, name="story"),
    path("<uuid:person_id>/unmask/", opened.unmask, name="unmask"),
    path("<uuid:person_id>/place/", people.place_paper, name="place"),
    path("<uuid:person_id>/split/", splitting.split_person, name="split"),
    path("<uuid:person_id>/seal/", sealing.seal, name="seal"),
    path("<uuid:person_id>/sealing/", sealing.progress, name="sealing"),
    path("<uuid:person_id>/catalogue/", prints.catalogue, name="catalogue"),
    path("<uuid:person_id>/catalogue.pdf", prints.catalogue_pdf, name="catalogue-pdf"),
    path("<uuid:person_id>/notes.pdf", prints.notes_pdf, name="notes-pdf"),
    path("<uuid:person_id>/label.pdf", prints.label_pdf, name="label-pdf"),
    path("<uuid:person_id>/export/", prints.export, name="export"),
    path("items/<uuid:item_id>/describe/", correcting.describe_item, name="describe"),
    path("items/<uuid:item_id>/facts/", correcting.add_fact, name="add-fact"),
    path("facts/<uuid:fact_id>/withdraw/", correcting.withdraw, name="withdraw"),
]
quality_urls = [
    path("", quality.quality_board, name="board"),
    path("people/", quality.quality_people, name="people"),
    path("table.xlsx", quality.quality_table, name="table"),
]
pair_urls = [
    path("", pairs.pair_list, name="list"),
    path("joinings/", pairs.joinings, name="joinings"),
    path("<uuid:pair_id>/", pairs.one_pair, name="one"),
]
conflict_urls = [
    path("", conflicts.conflict_list, name="list"),
    path("<uuid:doubt_id>/", conflicts.conflict, name="one"),
]
image_urls = [
    path("scans/<uuid:scan_id>/<int:width>/", images.scan_image, name="scan"),
    path("pages/<uuid:page_id>/<int:width>/", images.page_image, name="page"),
    path("pages/<uuid:page_id>/original/", images.page_original, name="original"),
]
search_urls = [
    path("", search.results, name="results"),
    path("suggest/", search.suggest, name="suggest"),
    path("reason/", opened.state_search_purpose, name="reason"),
]
officer_urls = [
    path("units/", officers.units, name="units"),
    path("roles/", rights.roles, name="roles"),
    path("roles.pdf", rights.roles_pdf, name="roles-pdf"),
    path("changes/", role_changes.changes, name="changes"),
    path("recusals/", recusals.recusals, name="recusals"),
    path("secrets/", mending.secrets, name="secrets"),
    path("gate/", gate.gate_desk, name="gate"),
    path("record-rules/", record_rules.record_rules, name="record-rules"),
    path("hosts/", hosts.hosts_desk, name="hosts"),
    path("jobs/", officers.job_list, name="jobs"),
    path("jobs/retry/", officers.job_retry, name="retry"),
    path("ledger/", audit.ledger_list, name="ledger"),
    path("ledger/verify/", audit.verify, name="ledger-verify"),
    path("ledger/verify/<uuid:verification_id>/", audit.verification, name="ledger-verification"),
    path("ledger/report/", audit.report, name="ledger-report"),
    path("ledger/report.pdf", audit.report_pdf, name="ledger-report-pdf"),
    path("health/", officers.health, name="health"),
    path("alarms/", alarms.alarm_list, name="alarms"),
]
source_urls = [
    path("", sources.source_list, name="list"),
    path("new/", sources.source_new, name="new"),
    path("<uuid:source_id>/", sources.source_detail, name="detail"),
    path("<uuid:source_id>/deliver/", sources.source_deliver, name="deliver"),
    path("<uuid:source_id>/schedule/", sources.source_schedule, name="schedule"),
    path("mapping/<uuid:delivery_id>/", source_mapping.mapping, name="mapping"),
    path("mapping/<uuid:delivery_id>/text/", source_mapping.mapping_text, name="mapping-text"),
    path("mapping/<uuid:delivery_id>/table/", source_mapping.mapping_table, name="table"),
    path("recipes/<uuid:recipe_id>/", source_mapping.recipe_file, name="recipe"),
    path("runs/<uuid:run_id>/", source_runs.run_detail, name="run"),
    path("runs/<uuid:run_id>/act/", source_runs.run_act, name="act"),
    path("runs/<uuid:run_id>/undo/", source_runs.run_undo, name="undo"),
    path("runs/<uuid:run_id>/refused.<str:form>", source_runs.refused_file, name="refused"),
]
grant_urls = [
    path("", grants.own, name="own"),
    path("ask/", grants.ask, name="ask"),
    path("desk/", grants.desk, name="desk"),
    path("<uuid:grant_id>/decide/", grants.decide, name="decide"),
    path("<uuid:grant_id>/withdraw/", grants.withdraw, name="withdraw"),
]
emergency_urls = [
    path("", emergency.break_in, name="open"),
    path("officers/", emergency.office, name="office"),
]
standard_urls = [
    path("", standard.field_list, name="fields"),
    path("tables/", standard.table_list, name="tables"),
    path("tables/<slug:name>/", standard.one_table, name="table"),
    path("schemes/", standard.scheme_list, name="schemes"),
    path("files/<str:name>", standard.take, name="take"),
]
urlpatterns = [
    path("", home.home, name="home"),
    path("rule/", overview.set_rule, name="rule"),
    path("password/", own_password.change, name="password"),
    path("login/", login.enter, name="login"),
    path("login/code/", second_factor.ask_code, name="login-code"),
    path("login/factor/", second_factor.set_up, name="login-factor"),
    path("login/password/", second_factor.renew_password, name="login-password"),
    path("login/provider/", provider.begin, name="oidc-begin"),
    path("login/provider/return/", provider.come_back, name="oidc-return"),
    path("logout/", login.leave, name="logout"),
    path("confirm/", second_factor.confirm, name="confirm"),
    path("factors/", second_factor.own, name="factors"),
    path("heads/", public_heads.heads, name="heads"),
    path("witness/", public_heads.witness, name="witness"),
    path("witness/<str:log>/", public_heads.witnessed, name="witnessed"),
    path("tokens/", tokens.own, name="tokens"),
    path("subscriptions/", subscriptions.own, name="subscriptions"),
    path("preferences/", preferences.keep, name="preferences"),
    path("api/v1/", described.page, name="api-page"),
    path("api/v1/openapi.json", described.openapi, name="api-description"),
    path("api/v1/", api.urls),
    path("styleguide/", styleguide.show, name="styleguide"),
    path("batches/", include((batch_urls, "batches"))),
    path("review/", include((review_urls, "review"))),
    path("people/", include((people_urls, "people"))),
    path("conflicts/", include((conflict_urls, "conflicts"))),
    path("quality/", include((quality_urls, "quality"))),
    path("pairs/", include((pair_urls, "pairs"))),
    path("images/", include((image_urls, "images"))),
    path("search/", include((search_urls, "search"))),
    path("sources/", include((source_urls, "sources"))),
    path("grants/", include((grant_urls, "grants"))),
    path("emergency/", include((emergency_urls, "emergency"))),
    path("officers/", include((officer_urls, "officers"))),
    path("standard/", include((standard_urls, "standard"))),
]
handler404 = "rongdang.web.errors.not_found"
handler500 = "rongdang.web.errors.failed"
