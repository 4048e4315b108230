"""Lawful destruction: only by an approved order that names the object."""

import pytest

from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries as ledger
from rongdang.keep.objects import services

pytestmark = pytest.mark.django_db
APPROVED = {}  # order id → objects it names


def register(order_id, stored):
    return stored.pk in APPROVED.get(order_id, ())


@pytest.fixture
def orders(settings):
    settings.DISPOSAL_ORDERS = f"{__name__}.register"
    APPROVED.clear()
    return APPROVED


@pytest.mark.parametrize("order_id", ["", "  ", "D-2026-1", "D-2026-9"])
def test_without_an_approved_order_for_it_nothing_is_destroyed(orders, order_id):
    stored, other = services.put(b"a page"), services.put(b"another page")
    orders["D-2026-1"] = {other.pk}
    with pytest.raises(DomainError) as refused:
        services.destroy(stored, order_id=order_id, acting_user=None)
    assert refused.value.code == "no-order" and services.read(stored) == b"a page"


def test_without_a_register_of_orders_nothing_is_destroyed():
    stored = services.put(b"a page")
    with pytest.raises(DomainError):
        services.destroy(stored, order_id="D-2026-1", acting_user=None)
    with pytest.raises(DomainError):
        services.shred(stored, reason="not wanted any more")
    assert services.read(stored) == b"a page"


def test_by_order_the_key_goes_and_row_and_entry_stay(
    orders, settings, django_capture_on_commit_callbacks
):
    stored = services.put(b"a page")
    copy = (settings.OBJECT_ROOT / services.key_of(stored.pk)).read_bytes()
    orders["D-2026-1"] = {stored.pk}
    with django_capture_on_commit_callbacks(execute=True):
        services.destroy(stored, order_id="D-2026-1", acting_user=None)
    stored.refresh_from_db()
    assert bytes(stored.wrapped_key) == b"" and stored.shredded_at and stored.digest
    entry = ledger.entries(subject=stored, event="object:shred").get()
    assert ledger.detail_of(entry) == {"digest": stored.digest, "order": "D-2026-1"}
    # Bytes that a copy of the store still has are noise without the key.
    path = settings.OBJECT_ROOT / services.key_of(stored.pk)
    assert not path.exists()
    path.write_bytes(copy)
    with pytest.raises(DomainError) as gone:
        services.read(stored)
    assert gone.value.status == 410
