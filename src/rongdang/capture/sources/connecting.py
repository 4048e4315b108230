"""How a source on the network is reached: said once by a clerk, kept sealed, only to allowed machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.gate.services import refuse_marks
from rongdang.base.hosts.services import address_of
from rongdang.base.ledger.services import record
from rongdang.capture.sources.connectors import addresses
from rongdang.capture.sources.models import Delivery
from rongdang.describe.statements.models import Source


@alarmed
@transaction.atomic
def connect(source: Source, told: Mapping[str, Any], *, table: str, acting_user: User) -> Delivery:
    """From now on the source is read from `table` of the server at this address (`addresses.read`).

    The secret is kept encrypted and stands in no ledger entry. Raises DomainError for an address that
    is incomplete and for a machine that two officers have not allowed; nothing is connected to here.
    """
    require(acting_user, Permission.SOURCE_EDIT, source.scope)
    address = addresses.read(told)
    address_of(address.host, address.port)
    words = [str(value) for value in address.told().values()]
    refuse_marks(table, *words, scope=source.scope, acting_user=acting_user, place="source")
    delivery = Delivery.objects.create(
        source=source, table=table, address=address.kept(), given_by=acting_user
    )
    detail = {"source": str(source.pk), "table": table, **address.told()}
    record("source:connect", actor=acting_user, subject=delivery, detail=detail)
    return delivery
