"""Asking others to vouch for a head over HTTP: witnesses, and an RFC 3161 time-stamping authority."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings

from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries
from rongdang.base.ledger.heads import SignedHead, cosign_message, holds
from rongdang.base.ledger.models import Attestation, Head
from rongdang.base.ledger.verifying import signed_by_us

SECONDS = 10  # for an answer; the next head asks again
LARGEST = 1 << 16  # bytes of an answer


class OutsideError(DomainError):
    """Somebody outside did not answer, or answered what does not hold; the log itself is unchanged."""

    status, code = 502, "outside"


class ForkError(OutsideError):
    """A witness saw a log of ours that ours does not continue."""

    code = "fork"


def ask_witness(head: Head, address: str, key: str) -> Attestation:
    """A co-signature by the witness at `address`, whose public key is `key` (hex); kept with the head."""
    last = (
        Attestation.objects.filter(kind=Attestation.Kind.WITNESS, source=address)
        .order_by("-head_id")
        .first()
    )
    since = last.head_id if last else 0
    answer = _submit(head, address, since)
    if answer.status == 409:
        answer = _submit(head, address, _step(answer, address, head))
    if answer.status != 200:
        raise _silent(address, f"HTTP {answer.status}")
    return _cosigned(head, address, key, answer)


def newest_seen(address: str) -> SignedHead | None:
    """The newest head of this log that the witness saw; None if it knows none. Raises OutsideError."""
    answer = _http("GET", f"{address.rstrip('/')}/{queries.log_id()}/")
    if answer.status == 404:
        return None
    return _head_in(answer, address)


def stamp(head: Head, address: str) -> Attestation:
    """A time stamp (RFC 3161) on a head, checked against the authority's root; kept with the head."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    message = head.signed(queries.log_id()).message()
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _http(
        "POST",
        address,
        data=request.as_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
    )
    if answer.status != 200:
        raise _silent(address, f"HTTP {answer.status}")
    evidence = answer.content
    stamped = stamp_time(evidence, message, nonce=request.nonce)
    return Attestation.objects.create(
        head=head, kind=Attestation.Kind.TIME, source=address, at=stamped, evidence=evidence
    )


def stamp_time(evidence: bytes, message: bytes, *, nonce: int | None = None) -> datetime:
    """When the authority says it saw the message; raises OutsideError unless the stamp holds."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        response = decode_timestamp_response(evidence)
        builder = VerifierBuilder()
        for root in _roots():
            builder = builder.add_root_certificate(root)
        if nonce is not None:
            builder = builder.nonce(nonce)
        builder.build().verify_message(response, message)
        return response.tst_info.gen_time.astimezone(UTC)
    except (VerificationError, ValueError) as error:
        raise OutsideError(
            "时间戳核验不通过，没有采用。",
            "The time stamp does not verify; it was not used.",
            hint_zh="请系统管理员核对时间戳服务的地址和根证书。",
            hint_en="Ask the system officer to check the service's address and root certificate.",
            code="bad-stamp",
        ) from error


def _roots() -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(Path(settings.LEDGER_TSA_ROOT).read_bytes())


def _submit(head: Head, address: str, since: int) -> Answer:
    proof = queries.consistency(since, head.size) if 0 < since <= head.size else []
    told = {
        "head": head.signed(queries.log_id()).to_dict(),
        "since": since,
        "proof": [step.hex() for step in proof],
    }
    return _http("POST", address, json=told)


def _step(answer: Answer, address: str, head: Head) -> int:
    """The size the witness saw last, if our log holds it; raises ForkError if not."""
    seen = _head_in(answer, address)
    ours = seen.size <= head.size and queries.root_at(seen.size) == seen.root
    if not ours:
        raise ForkError(
            f"见证方 {address} 见过 {seen.size} 条，本机的账接不上：账被改写或退回过。",
            f"The witness {address} saw {seen.size} entries that this log does not continue: "
            "it was rewritten or rolled back.",
            hint_zh="停止使用，封存数据库，请审计员核验。",
            hint_en="Stop, preserve the database and have the audit officer verify it.",
        )
    return seen.size


def _cosigned(head: Head, address: str, key: str, answer: Answer) -> Attestation:
    try:
        told = answer.told()
        at, suite = datetime.fromisoformat(told["at"]), int(told["suite"])
        message = cosign_message(
            head.signed(queries.log_id()), at=at, suite=suite, key_id=told["key_id"]
        )
        public_key, signature = bytes.fromhex(key), bytes.fromhex(told["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise _silent(address, "no co-signature") from error
    if not holds(suite, public_key, signature, message):
        raise OutsideError(
            f"见证方 {address} 的签名不对，没有采用。",
            f"The signature of the witness {address} does not hold; it was not used.",
            hint_zh="请核对设置里见证方的公钥。",
            hint_en="Check the witness's public key in the settings.",
            code="bad-cosignature",
        )
    return Attestation.objects.create(
        head=head,
        kind=Attestation.Kind.WITNESS,
        source=address,
        at=at,
        suite=suite,
        key_id=told["key_id"],
        public_key=public_key,
        evidence=signature,
    )


def _head_in(answer: Answer, address: str) -> SignedHead:
    """The head a witness answers with must be one that we signed: it cannot invent a fork."""
    try:
        seen = SignedHead.from_dict(answer.told().get("seen"))
    except (ValueError, TypeError, DomainError) as error:
        raise _silent(address, f"HTTP {answer.status}") from error
    if seen.log != queries.log_id() or not seen.holds() or not signed_by_us(seen):
        raise _silent(address, "its head is not ours")
    return seen


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes

    def told(self) -> dict[str, Any]:
        """The JSON object in it; raises ValueError or TypeError if there is none."""
        return dict(json.loads(self.content))


def _http(method: str, address: str, **body: Any) -> Answer:
    """No redirect is followed and no more is read than an answer can hold."""
    import requests
    import urllib3

    try:
        with requests.request(
            method, address, timeout=SECONDS, allow_redirects=False, stream=True, **body
        ) as answer:
            content = answer.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _silent(address, type(error).__name__) from error
    if len(content) > LARGEST:
        raise _silent(address, "too long")
    return Answer(answer.status_code, content)


def _silent(address: str, why: str) -> OutsideError:
    return OutsideError(
        f"{address} 没有给出可用的答复（{why}）；账本没有变，下一次再请。",
        f"{address} gave no answer that can be used ({why}); the log is unchanged, it is asked again.",
        code="no-answer",
    )
