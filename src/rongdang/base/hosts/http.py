"""One request to a machine outside: to the address that was looked up and to no other, no redirect followed."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from rongdang.base.errors import DomainError
from rongdang.base.hosts.services import address_of

LARGEST = 1 << 20  # bytes of an answer that are read


class Answer(NamedTuple):
    status: int
    content: bytes


class HostSilentError(DomainError):
    """The machine outside did not answer; nothing here changed."""

    status, code = 502, "host-silent"


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = 10.0,
) -> Answer:
    """Raises DomainError for an address that is none or not encrypted, a machine no officer has
    allowed, and for one that does not answer. Plain HTTP goes to this machine alone.
    """
    import urllib3  # 20 ms and some MiB: not for a process that speaks to nobody

    host, port, target, encrypted = parts(url)
    address = address_of(host, port)
    if not encrypted and not is_here(address):
        raise not_encrypted()
    timeout = urllib3.Timeout(total=seconds)
    pool: urllib3.HTTPConnectionPool
    if encrypted:
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    try:
        with pool:
            answer = pool.request(
                method,
                target,
                body=body or None,
                headers={"Host": f"{host}:{port}", **(headers or {})},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            return Answer(answer.status, answer.read(LARGEST))
    except urllib3.exceptions.HTTPError as error:
        raise HostSilentError(
            f"{host}:{port} 没有答复，这里的数据没有改动。",
            f"{host}:{port} did not answer; nothing here changed.",
            hint_zh="看对方是否开着、证书是否有效、网络通不通。",
            hint_en="See whether it runs, whether its certificate is valid, and the network.",
        ) from error


def parts(url: str) -> tuple[str, int, str, bool]:
    """(host, port, path and query, is it encrypted); raises DomainError for what is no such address."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        split, port = urlsplit(""), None
    if split.scheme not in ("https", "http") or not split.hostname or split.username:
        raise DomainError(
            "网址要写成 https://主机/路径 的样子，不带用户名，没有办。",
            "The address must look like https://host/path, without a user name; nothing was done.",
            code="not-an-address",
            status=422,
        )
    encrypted = split.scheme == "https"
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    return split.hostname, port or (443 if encrypted else 80), target, encrypted


def is_here(address: str) -> bool:
    """Is it this machine itself?"""
    return ipaddress.ip_address(address).is_loopback


def not_encrypted() -> DomainError:
    return DomainError(
        "除了本机，只向 https 网址发送；没有发送。",
        "Except to this machine itself, only https addresses are sent to; nothing was sent.",
        hint_zh="请对方启用 https 后改用 https 开头的网址。",
        hint_en="Ask the other side to serve https, and use that address.",
        code="not-encrypted",
        status=422,
    )
