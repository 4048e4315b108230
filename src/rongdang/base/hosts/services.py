"""Allowing a machine outside, by two officers; and the only way to its address."""

from __future__ import annotations

import ipaddress
import re
import socket

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require_everywhere, require_two_officers
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.hosts.models import AllowedHost, HostState
from rongdang.base.ledger.services import record

LEAST_REASON = 8
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


@transaction.atomic
def propose(host: str, port: int, *, reason: str, acting_user: User) -> AllowedHost:
    """One officer asks that the house may connect to this machine; another decides.

    Raises DomainError for what is no name or address, a port that is none, or a missing reason.
    """
    require_everywhere(acting_user, Permission.HOST_ALLOW)
    host, reason = _normal(host), reason.strip()[:400]
    if not host or not 0 < port < 65536 or len(reason) < LEAST_REASON:
        raise DomainError(
            f"主机名或地址、端口（1 至 65535）和理由（至少 {LEAST_REASON} 个字）都要写对，没有提出。",
            f"A name or address, a port (1 to 65535) and a reason ({LEAST_REASON} characters or more) "
            "are needed; nothing was proposed.",
            hint_zh="主机写成 db.example.cn 或 10.0.0.8 的样子，不带 http:// 和路径。",
            hint_en="Write the host as db.example.cn or 10.0.0.8, without http:// or a path.",
            code="host-incomplete",
            status=422,
        )
    if AllowedHost.objects.filter(host=host, port=port, state__in=["proposed", "allowed"]).exists():
        raise ConflictError(
            "这台主机的这个端口已经可以连接，或者正等批准，没有再提。",
            "This port of this host is allowed already or waits for approval; nothing was proposed.",
            code="host-named",
        )
    named = AllowedHost.objects.create(host=host, port=port, reason=reason, proposed_by=acting_user)
    record("host:propose", actor=acting_user, subject=named, detail=_told(named))
    return named


@transaction.atomic
def decide(named: AllowedHost, *, agreed: bool, acting_user: User) -> AllowedHost:
    """The other officer's word; one of the two looks after secrets."""
    require_everywhere(acting_user, Permission.HOST_ALLOW)
    named = AllowedHost.objects.select_for_update(of=("self",)).get(pk=named.pk)
    if named.state != HostState.PROPOSED:
        raise ConflictError(
            "这个提议已经办过，没有改动。", "This proposal is settled; nothing changed."
        )
    if agreed:
        require_two_officers(
            named.proposed_by,
            acting_user,
            stays=("这台主机仍不能连接", "the host stays out of reach"),
        )
    named.state = HostState.ALLOWED if agreed else HostState.REFUSED
    if named.proposed_by_id != acting_user.pk:
        named.decided_by, named.decided_at = acting_user, timezone.now()
    named.save(update_fields=["state", "decided_by", "decided_at"])
    event = "host:allow" if agreed else "host:refuse"
    record(event, actor=acting_user, subject=named, detail=_told(named))
    return named


@transaction.atomic
def end(named: AllowedHost, *, acting_user: User) -> AllowedHost:
    """Nothing connects there from now on; that takes one."""
    require_everywhere(acting_user, Permission.HOST_ALLOW)
    named = AllowedHost.objects.select_for_update(of=("self",)).get(pk=named.pk)
    if named.state != HostState.ALLOWED:
        raise ConflictError(
            "这台主机现在不在可连接之列，没有改动。",
            "This host is not allowed just now; nothing changed.",
        )
    named.state, named.ended_by, named.ended_at = HostState.ENDED, acting_user, timezone.now()
    named.save(update_fields=["state", "ended_by", "ended_at"])
    record("host:end", actor=acting_user, subject=named, detail=_told(named))
    return named


def address_of(host: str, port: int) -> str:
    """The address to connect to, looked up once: connect to it and not to the name.

    Raises DomainError, before anything is sent, for a machine no officer has allowed, and for a
    name that leads nowhere.
    """
    wanted = _normal(host)
    if not AllowedHost.objects.in_force().filter(host=wanted, port=port).exists():
        raise NotPermittedError(
            f"{host}:{port} 还没有获准连接，没有连接，什么都没有发出。",
            f"{host}:{port} is not allowed; nothing was connected to and nothing was sent.",
            hint_zh="请系统管理员和安全保密员在“外部主机”里提出并批准。",
            hint_en="Two officers propose and allow it under “hosts outside”.",
            code="host-not-allowed",
        )
    try:
        found = socket.getaddrinfo(wanted, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DomainError(
            f"找不到主机 {host}，没有连接，数据没有改动。",
            f"The host {host} is not found; nothing was connected to, no data changed.",
            hint_zh="看名字写得对不对、网络通不通，再试。",
            hint_en="Check the name and the network, then try again.",
            code="host-not-found",
            status=502,
        ) from error
    return str(found[0][4][0])


def _normal(host: str) -> str:
    """As hosts are compared; "" for what is neither a name nor an address."""
    host = host.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return host if _NAME.fullmatch(host) and len(host) <= 253 else ""


def _told(named: AllowedHost) -> dict[str, object]:
    return {"host": named.host, "port": named.port, "reason": named.reason}
