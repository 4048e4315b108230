"""A log with something on it, the thief's hand, and the officers who agree."""

import pytest

from rongdang.base.ledger.models import Attestation, Detail, Entry, Head, Node
from rongdang.base.ledger.tests import filling


@pytest.fixture
def fill():
    return filling.fill


@pytest.fixture
def cut():
    """The database as it was at an earlier size: what somebody does who puts back yesterday's copy."""

    def back_to(size):
        Attestation.objects.filter(head__gt=size).delete()
        Detail.objects.filter(pk__gt=size).delete()
        Entry.objects.filter(pk__gt=size).delete()
        Node.objects.filter(pk__gte=(size + 1) * 64).delete()
        Head.objects.filter(pk__gt=size).delete()

    return back_to


@pytest.fixture
def heads_file(settings, tmp_path):
    """The audit officer's own medium."""
    path = tmp_path / "heads.jsonl"
    settings.LEDGER_HEADS_FILE = str(path)
    return path


@pytest.fixture
def officers(person_in, city):
    return person_in("shen", "audit", city), person_in("bao", "security", city)
