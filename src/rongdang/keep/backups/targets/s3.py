"""A target in an S3 bucket, by obstore. A key is created or refused, never overwritten.

Append-only for us is a promise; the bucket keeps it for others too when object lock is set and our
account may neither delete nor change the bucket.
"""

from __future__ import annotations

import io
import ipaddress
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from rongdang.base.cipher.sealed import ChunkReader
from rongdang.base.durable import StorageError
from rongdang.keep.backups.ports import BackupError, append_only_refusal, missing_part

AT_ONCE = 32 << 20  # bytes; longer files go up in parts
THREADS, MOST_WAITING = 4, 8
TIMES = {"timeout": "120s", "connect_timeout": "10s"}


class S3Target:
    def __init__(
        self,
        url: str,
        *,
        append_only: bool,
        endpoint: str,
        region: str,
        key: str,
        secret: str,
        loopback: bool,
    ) -> None:
        bucket, _, prefix = url.removeprefix("s3://").strip("/").partition("/")
        if not bucket or not key or not secret:
            raise _not_set(url)
        if endpoint:
            require_safe_endpoint(endpoint, loopback=loopback)
        self.several = False  # it sends several files at once by itself
        self.place, self.append_only = f"s3://{bucket}/{prefix}".rstrip("/"), append_only
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=endpoint or None,
            access_key_id=key,
            secret_access_key=secret,
            region=region,
            client_options={**TIMES, "allow_http": endpoint.startswith("http:")},  # type: ignore[arg-type]  # its own stub names each
            retry_config={"max_retries": 3},
        )
        self._pool = ThreadPoolExecutor(THREADS)
        self._waiting: deque[Future[None]] = deque()

    def sizes(self, prefix: str) -> dict[str, int]:
        try:
            found: dict[str, int] = {
                row["path"]: row["size"]
                for rows in obstore.list(self._store, prefix.rstrip("/"))
                for row in rows
            }
        except BaseError as error:
            raise _failed(error) from error
        return found

    def add(self, key: str, chunks: Iterable[bytes]) -> None:
        held, pieces = b"", iter(chunks)
        for piece in pieces:
            held += piece
            if len(held) > AT_ONCE:
                self._add_long(key, held, pieces)
                return
        while len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._put, key, held))

    def take(self, key: str, source: BinaryIO) -> None:
        self.add(key, iter(lambda: source.read(1 << 20), b""))

    def flush(self) -> None:
        while self._waiting:
            self._waiting.popleft().result()

    def open(self, key: str) -> BinaryIO:
        try:
            stream: Any = obstore.get(self._store, key).stream(min_chunk_size=1 << 20)
        except (FileNotFoundError, NotFoundError) as error:
            raise missing_part(key) from error
        except BaseError as error:
            raise _failed(error) from error
        return cast(BinaryIO, io.BufferedReader(ChunkReader(_told(stream)), 1 << 20))

    def remove(self, key: str) -> None:
        if self.append_only:
            raise append_only_refusal(self.place)
        try:
            obstore.delete(self._store, key)
        except BaseError as error:
            raise _failed(error) from error

    def tidy(self) -> int:
        """Half a file never had a name here; its parts are the bucket's own to let go."""
        return 0

    def _put(self, key: str, data: bytes) -> None:
        try:
            obstore.put(self._store, key, data, mode="create")
        except AlreadyExistsError as error:
            raise _taken(key) from error
        except BaseError as error:
            raise _failed(error) from error

    def _add_long(self, key: str, held: bytes, pieces: Iterator[bytes]) -> None:
        """In parts; nothing has the name before the last part is there."""
        try:
            if self._holds(key):
                raise _taken(key)
            writer = obstore.open_writer(self._store, key, buffer_size=AT_ONCE // 2)
            writer.write(held)
            for piece in pieces:
                writer.write(piece)
            writer.close()
        except BaseError as error:
            raise _failed(error) from error

    def _holds(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except (FileNotFoundError, NotFoundError):
            return False
        return True


def require_safe_endpoint(endpoint: str, *, loopback: bool) -> None:
    """An object store is elsewhere: raises BackupError for this machine and for metadata services."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise _refused(endpoint)
    try:
        found = {row[4][0] for row in socket.getaddrinfo(host, parts.port or 443)}
    except OSError as error:
        raise _failed(error) from error
    addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in map(str, found)]
    here = all(address.is_loopback for address in addresses)
    bad = any(
        address.is_link_local or address.is_multicast or address.is_unspecified
        for address in addresses
    )
    if bad or (any(address.is_loopback for address in addresses) and not (here and loopback)):
        raise _refused(endpoint)
    if parts.scheme == "http" and not here:
        raise _refused(endpoint)


def _told(stream: Iterable[Any]) -> Iterator[bytes]:
    try:
        for chunk in stream:
            yield bytes(chunk)
    except BaseError as error:
        raise _failed(error) from error


def _not_set(url: str) -> BackupError:
    return BackupError(
        f"对象存储“{url}”还没有设好，没有备份。",
        f"The object store “{url}” is not set up; nothing was done.",
        hint_zh="设 RONGDANG_S3_ENDPOINT、RONGDANG_S3_KEY、RONGDANG_S3_SECRET；地址写成 s3://桶/前缀。",
        hint_en="Set RONGDANG_S3_ENDPOINT, RONGDANG_S3_KEY, RONGDANG_S3_SECRET; write s3://bucket/prefix.",
        code="s3-setting",
    )


def _refused(endpoint: str) -> BackupError:
    return BackupError(
        f"对象存储的地址“{endpoint}”不能用，没有连接。",
        f"The address “{endpoint}” cannot be an object store; no connection was made.",
        hint_zh="要 https:// 的外部地址；本机的只有设 RONGDANG_S3_LOOPBACK=yes 才行。",
        hint_en="It must be https:// elsewhere; this machine only with RONGDANG_S3_LOOPBACK=yes.",
        code="s3-address",
    )


def _taken(key: str) -> StorageError:
    return StorageError(
        f"备份目标里已有 {key}，没有覆盖。",
        f"The target holds {key} already; nothing was overwritten.",
        code="exists",
    )


def _failed(error: Exception) -> BackupError:
    said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return BackupError(
        f"对象存储没有应答或拒绝了：{said}。已经传上去的都在，下次接着传。",
        f"The object store failed: {said}. What is there stays; the next run goes on.",
        hint_zh="请检查网络、地址和账号，再备份一次。",
        hint_en="Check network, address and account, then back up again.",
        code="s3-failed",
    )
