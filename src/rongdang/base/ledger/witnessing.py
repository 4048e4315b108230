"""Being a witness: co-signing heads of other installations' logs, each only if it continues what was
seen of that log before. Which logs, and by which keys they are signed, is a setting.

Nothing of this goes on the own log but a refusal: two installations that witness each other would
otherwise write for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require_everywhere
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.ledger import merkle, rows
from rongdang.base.ledger.heads import SignedHead, cosign_message, moment_text
from rongdang.base.ledger.models import Entry, WatchedHead
from rongdang.base.ledger.services import record

WITNESS = "witness"  # purpose of the key
RELEASE, REFUSE = "witness:release", "witness:refuse"
TWO = 2
Answer = dict[str, Any]


class RefusedError(DomainError):
    """The head does not continue the log that was seen; `seen` is the newest head of it."""

    status, code = 409, "out-of-step"

    def __init__(self, zh: str, en: str, *, seen: Any, code: str) -> None:
        super().__init__(zh, en, code=code)
        self.seen = seen


def cosign(told: Mapping[str, Any]) -> Answer:
    """Sign {"head", "since", "proof"}; raises RefusedError for a fork, and then that is on our log."""
    head = SignedHead.from_dict(told.get("head"))
    _known(head)
    try:
        return _cosign(head, told.get("since"), _proof(told))
    except RefusedError as error:
        if error.code == "fork":
            _note_fork(head)
        raise


def seen(log: str) -> WatchedHead | None:
    """What was last co-signed of a log."""
    return WatchedHead.objects.filter(log=log).order_by("-pk").first()


@transaction.atomic
def release(log: str, *, reason: str, acting_user: User) -> None:
    """One of two officers who agree that this log was lawfully restored from a copy and goes on."""
    if not acting_user.may(Permission.LEDGER_READ):
        require_everywhere(acting_user, Permission.ALARM_SETTLE)
    if seen(log) is None:
        raise DomainError(
            "没有见证过这本账，没有改动。",
            "That log was never witnessed here; nothing changed.",
            code="no-such-log",
            status=404,
        )
    record(
        RELEASE, actor=acting_user, subject_kind="log", subject_id=log, detail={"reason": reason}
    )


@transaction.atomic
def _cosign(head: SignedHead, since: object, proof: list[bytes]) -> Answer:
    with connection.cursor() as cursor:
        rows.wait_for_turn(cursor)  # two heads of one log, one after the other
    last = seen(head.log)
    if last is not None and not _released(last):
        _continues(last, head, since, proof)
    if last is None or (last.size, bytes(last.root)) != (head.size, head.root):
        WatchedHead.objects.get_or_create(
            log=head.log,
            size=head.size,
            root=head.root,
            defaults={"at": timezone.now(), "signed": head.to_dict()},
        )
    at, signer = timezone.now(), settings.KEYRING.signer(WITNESS)
    message = cosign_message(head, at=at, suite=signer.suite, key_id=signer.key_id)
    return {
        "at": moment_text(at),
        "suite": signer.suite,
        "key_id": signer.key_id,
        "public_key": signer.public_key.hex(),
        "signature": signer.sign(message).hex(),
    }


def _continues(last: WatchedHead, head: SignedHead, since: object, proof: list[bytes]) -> None:
    root = bytes(last.root)
    if head.size == last.size and head.root == root:
        return
    if head.size <= last.size:
        raise _fork(last)
    if since != last.size:
        raise RefusedError(
            f"见证过的是第 {last.size} 条为止；请给出从那里接上来的证明。没有签。",
            f"{last.size} entries were witnessed; prove that the head continues them. Not signed.",
            seen=last.signed,
            code="out-of-step",
        )
    if not merkle.consistency_holds(last.size, head.size, root, head.root, proof):
        raise _fork(last)


def _fork(last: WatchedHead) -> RefusedError:
    return RefusedError(
        f"这个账本头接不上见证过的前 {last.size} 条：账被改写或退回过。没有签。",
        f"This head does not continue the {last.size} entries witnessed: the log was rewritten or "
        "rolled back. It was not signed.",
        seen=last.signed,
        code="fork",
    )


@transaction.atomic
def _note_fork(head: SignedHead) -> None:
    record(
        REFUSE,
        actor=None,
        subject_kind="log",
        subject_id=head.log,
        detail={"size": head.size, "root": head.root.hex()},
    )
    raise_alarm(
        kind="log-forked",
        subject_kind="log",
        subject_id=head.log,
        detail={"size": head.size},
    )


def _released(last: WatchedHead) -> bool:
    """Two officers agreed after this head was co-signed."""
    agreed = Entry.objects.filter(
        event=RELEASE, subject_kind="log", subject_id=last.log, at__gt=last.at
    )
    return agreed.values("actor").distinct().count() >= TWO


def _known(head: SignedHead) -> None:
    ours = settings.LEDGER_WATCHED.get(head.public_key.hex()) == head.log
    if not ours or not head.holds():
        raise DomainError(
            "本机不见证这本账，或者签名不是它的。没有签。",
            "This log is not witnessed here, or the signature is not its own. Not signed.",
            hint_zh="请见证方在设置里登记这本账的编号和公钥。",
            hint_en="The witness has to name the log and its public key in its settings.",
            code="not-witnessed-here",
            status=403,
        )


def _proof(told: Mapping[str, Any]) -> list[bytes]:
    try:
        proof = [bytes.fromhex(step) for step in told.get("proof", ())]
    except (TypeError, ValueError):
        proof = [b""]
    return proof[:128]
