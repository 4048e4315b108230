"""Encrypted columns: plain to the program, shut to the database, bound to their row (N26)."""

import importlib
import uuid

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, transaction
from django.db.migrations import RunPython

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.columns import migrating, rewriting, sealing
from rongdang.base.columns.fields import Ciphertext, encrypted
from rongdang.base.vocab import ids
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.provide.search.models import DocumentText

pytestmark = pytest.mark.django_db
ID = ids.lengthen("990101380412001")


@pytest.fixture
def ring(settings, tmp_path):
    """A ring of the test's own, made before anything is sealed."""
    settings.KEYRING = Keyring(tmp_path)
    return settings.KEYRING


@pytest.fixture
def person(station):
    return Person.objects.create(
        unit=station, scope=station.path, name="林长河", name_keys="lin", record={"姓名": "林长河"}
    )


def fact(person, clerk, field="住址", value="梧桐市柳巷 7 号"):
    return Fact.objects.create(
        person=person,
        field=field,
        value=value,
        original=value,
        state=FactState.CONFIRMED,
        recorded_by=clerk,
    )


def raw(model, column, pk):
    with connection.cursor() as cursor:
        key = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(
            f"SELECT {column} FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [key]
        )
        return cursor.fetchone()[0]


def put(model, column, pk, value):
    with connection.cursor() as cursor:
        key = model._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {column} = %s WHERE {model._meta.pk.column} = %s",
            [value, key],
        )


def test_a_value_is_plain_to_the_program_and_not_in_the_database(person, clerk):
    made = fact(person, clerk)
    assert Fact.objects.get(pk=made.pk).value == "梧桐市柳巷 7 号"
    assert "柳巷" not in raw(Fact, "value", made.pk)
    assert Person.objects.get(pk=person.pk).record == {"姓名": "林长河"}
    assert "林长河" not in raw(Person, "record", person.pk)


def test_n26_a_value_copied_to_another_row_or_column_does_not_open(person, clerk):
    one, other = fact(person, clerk), fact(person, clerk, value="临江市东街 1 号")
    put(Fact, "value", other.pk, raw(Fact, "value", one.pk))
    put(Fact, "original", one.pk, raw(Fact, "value", one.pk))
    with pytest.raises(DamagedError):
        Fact.objects.get(pk=other.pk).value
    with pytest.raises(DamagedError):
        Fact.objects.get(pk=one.pk).original
    assert Fact.objects.get(pk=one.pk).value == "梧桐市柳巷 7 号"
    flagged = {(name, key) for name, key, _words in rewriting.misplaced()}
    assert flagged == {("people_fact.value", str(other.pk)), ("people_fact.original", str(one.pk))}


@pytest.mark.parametrize("change", ["bit", "cut", "plain", "foreign"])
def test_a_changed_value_does_not_open(person, clerk, change):
    made = fact(person, clerk)
    held = raw(Fact, "value", made.pk)
    wrong = {
        "bit": held[:-6] + ("A" if held[-6] != "A" else "B") + held[-5:],
        "cut": held[:-8],
        "plain": "梧桐市柳巷 7 号",
        "foreign": held.replace("columns.1.", "columns.9."),
    }[change]
    put(Fact, "value", made.pk, wrong)
    with pytest.raises((DamagedError, KeyringError)):
        Fact.objects.get(pk=made.pk).value
    assert len(list(rewriting.misplaced())) == 1


def test_what_was_never_opened_is_saved_as_it_stood_and_what_was_opened_is_sealed_anew(
    person, clerk
):
    made = fact(person, clerk)
    held = raw(Fact, "value", made.pk)
    again = Fact.objects.get(pk=made.pk)
    again.field = "籍贯"
    again.save()
    assert raw(Fact, "value", made.pk) == held
    again.value = "临江市东街 1 号"
    again.save()
    assert raw(Fact, "value", made.pk) != held
    assert Fact.objects.defer("value").get(pk=made.pk).value == "临江市东街 1 号"
    again.refresh_from_db()
    assert again.value == "临江市东街 1 号"


def test_there_is_no_way_round_the_row(person, clerk):
    made = fact(person, clerk)
    for act in (
        lambda: Fact.objects.filter(pk=made.pk).update(value="x"),
        lambda: list(Fact.objects.filter(value="梧桐市柳巷 7 号")),
        lambda: Fact.objects.bulk_update([made], ["value"]),
    ):
        with pytest.raises(FieldError, match="is encrypted"), transaction.atomic():
            act()
    assert isinstance(Fact.objects.values_list("value", flat=True)[0], Ciphertext)
    assert Fact.objects.exclude(original="").count() == 1


def test_that_there_is_nothing_is_no_secret(person, clerk):
    made = fact(person, clerk, value="")
    assert raw(Fact, "original", made.pk) == "" and Fact.objects.get(pk=made.pk).original == ""


def test_an_id_number_is_found_by_its_index_however_it_is_written(person, clerk):
    made = fact(person, clerk, "公民身份号码", ID)
    fact(person, clerk, "住址", ID)  # of another field: not to be found by number
    for written in (
        ID,
        ID.lower(),
        f" {ID[:6]} {ID[6:14]} {ID[14:17]}{chr(ord(ID[17]) + 0xFEE0)} ",
        ID[:6] + ID[8:17],
    ):
        assert [f.pk for f in Fact.objects.of_number(written)] == [made.pk]
    for other in ("", "990101193804120039", "990101"):
        assert not Fact.objects.of_number(other).exists()
    assert len(made.value_index) == 64 and ID not in made.value_index


def test_keys_and_suites_change_under_the_values(ring, person, clerk, settings, tmp_path):
    made = [fact(person, clerk, value=f"柳巷 {n} 号") for n in range(3)]
    first = ring.active("columns").id
    ring.rotate("columns")
    later = fact(person, clerk)
    column = rewriting.Column(Fact, encrypted(Fact, "value"))
    assert column.count() == (1, 4)
    rewriting.reseal()
    assert column.count() == (4, 4)
    ring.forget(first)
    assert {f.value for f in Fact.objects.filter(pk__in=[f.pk for f in made])} == {
        f"柳巷 {n} 号" for n in range(3)
    }
    settings.KEYRING = Keyring(tmp_path, suite=2)
    assert Fact.objects.get(pk=later.pk).value == "梧桐市柳巷 7 号"
    assert column.count() == (0, 4)
    rewriting.reseal()
    assert column.count() == (4, 4) and raw(Fact, "value", later.pk).startswith("2 columns.2.")
    assert Fact.objects.get(pk=later.pk).value == "梧桐市柳巷 7 号"
    assert rewriting.reseal() == 0


def test_a_value_changed_during_a_rotation_is_not_overwritten(ring, person, clerk):
    made = fact(person, clerk)
    ring.rotate("columns")
    column = rewriting.Column(Fact, encrypted(Fact, "value"))
    rows = next(rewriting._chunks(column))
    made.value = "临江市东街 1 号"
    made.save()
    rewriting._reseal(column, rows)
    assert Fact.objects.get(pk=made.pk).value == "临江市东街 1 号"


def test_existing_values_are_encrypted_by_the_migration_and_opened_on_the_way_back(person, clerk):
    made = fact(person, clerk)
    rewriting.decrypt_existing(Fact, "value")
    rewriting.decrypt_existing(Person, "record")
    assert raw(Fact, "value", made.pk) == "梧桐市柳巷 7 号"
    assert raw(Person, "record", person.pk) == '{"姓名": "林长河"}'
    rewriting.encrypt_existing(Fact, "value")
    rewriting.encrypt_existing(Person, "record")
    assert Fact.objects.get(pk=made.pk).value == "梧桐市柳巷 7 号"
    assert Person.objects.get(pk=person.pk).record == {"姓名": "林长河"}
    assert "柳巷" not in raw(Fact, "value", made.pk)


def test_a_value_needs_the_key_of_its_row():
    with pytest.raises(FieldError, match="needs its key"):
        encrypted(DocumentText, "words").closed("x", None)
    pk = uuid.uuid4()
    sealed = sealing.seal("t", "c", pk, b"x")
    assert sealing.unseal("t", "c", pk, sealing.from_text(sealing.to_text(sealed))) == b"x"
    with pytest.raises(DamagedError):
        sealing.unseal("t", "c", uuid.uuid4(), sealed)


# Migrations that encrypt what people had written in their own words before.
UPGRADES = [
    ("rongdang.base.gate.migrations.0002_reason_encrypted", "gate", "GateOpening", "reason"),
    ("rongdang.capture.batches.migrations.0006_notes_encrypted", "batches", "Batch", "note"),
    ("rongdang.describe.access.migrations.0003_words_encrypted", "access", "Opening", "note"),
    ("rongdang.describe.grants.migrations.0003_narrowing", "grants", "Grant", "numbers"),
]


def written(user, unit):
    """A row of each of these models, with words in it."""
    from django.utils import timezone

    from rongdang.base.gate.models import GateOpening
    from rongdang.capture.batches.models import Batch
    from rongdang.describe.access.models import Opening
    from rongdang.describe.grants.models import Grant

    now = timezone.now()
    GateOpening.objects.create(reason="林长河的案卷", hours=1, proposed_by=user)
    batch = Batch(number="20261125-001", unit=unit, scope=unit.path, source="browser")
    batch.note, batch.declared_by = "林长河的案卷", user
    batch.save()
    Opening.objects.create(user=user, purpose="other", note="林长河的案卷", until=now)
    grant = Grant(user=user, purpose="benefit", reason="核定", numbers=["林长河的案卷"])
    grant.scope, grant.until, grant.asked_until = unit.path, now, now
    grant.save()


def test_an_upgrade_seals_what_stood_plain_and_goes_on_where_it_was_cut_off(clerk, station):
    written(clerk, station)
    for module, label, name, field in UPGRADES:
        model = apps.get_model(label, name)
        row = model.objects.get()
        before = raw(model, field, row.pk)
        rewriting.decrypt_existing(model, field)
        assert "林长河" in raw(model, field, row.pk)
        operations = importlib.import_module(module).Migration.operations
        acts = [one.code for one in operations if isinstance(one, RunPython)]
        sealing_acts = [act for act in acts if act.__module__ == migrating.__name__]
        for act in sealing_acts:
            act(apps, connection.schema_editor())
        after = raw(model, field, row.pk)
        assert "林长河" not in after and after != before
        assert "林长河" in str(getattr(model.objects.get(), field))
        for act in sealing_acts:
            act(apps, connection.schema_editor())  # again, as after a cut
        assert raw(model, field, row.pk) == after
