"""A source on the network, opened: only where two officers have allowed it, to the address found once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rongdang.base.hosts.services import address_of
from rongdang.capture.sources.connectors import addresses
from rongdang.capture.sources.connectors.databases import DatabaseConnector
from rongdang.capture.sources.connectors.node import NodeConnector
from rongdang.capture.sources.port import Connector


def open_connection(told: Mapping[str, Any]) -> Connector:
    """The connector of an address as `addresses.Address.kept` gives it.

    Raises DomainError, before a packet is sent, for a machine no officer has allowed.
    """
    address = addresses.read(told)
    found = address_of(address.host, address.port)
    if address.kind == "rongdang":
        return NodeConnector(address, found)
    return DatabaseConnector(address, found)
