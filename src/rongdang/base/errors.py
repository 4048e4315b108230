"""One family of errors: what happened, what it means for the data, what to do; in two languages."""

from __future__ import annotations

import copyreg
import re
from typing import Any


class DomainError(Exception):
    """A refusal or a failure that a person must be able to act on.

    `zh` and `en` say what happened and what it means for the data; the hints say what to do.
    `status` is the HTTP answer, `code` names the error for programs and tests.
    """

    status = 400
    code = "refused"

    def __init__(
        self,
        zh: str,
        en: str,
        *,
        hint_zh: str = "",
        hint_en: str = "",
        code: str = "",
        status: int = 0,
    ) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en
        self.hint_zh, self.hint_en = hint_zh, hint_en
        self.code = code or type(self).code
        self.status = status or type(self).status

    def __reduce__(self) -> tuple[Any, ...]:
        """Goes from process to process as it is, whatever a subclass is made from.

        Exceptions are otherwise made anew from their message alone: a worker's refusal that cannot
        be made so ends the whole pool in the parent, and its words are lost.
        """
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def message(self, language: str = "zh-hans") -> str:
        """The whole message in one language, hint included."""
        parts = (self.en, self.hint_en) if language.startswith("en") else (self.zh, self.hint_zh)
        return " ".join(part for part in parts if part)


def unquoted(text: str) -> str:
    """The same words without what they quote: names of people and files, values of cells."""
    return re.sub("“[^”]*”", "“…”", text)


class NotPermittedError(DomainError):
    """The person is known and the thing may be seen, but this act is not theirs to do."""

    status, code = 403, "not-permitted"


class IllegalMoveError(DomainError):
    """The thing is in a state from which this move does not start."""

    status, code = 409, "illegal-move"


class ConflictError(DomainError):
    """Somebody else changed the same thing first; nothing was overwritten."""

    status, code = 409, "conflict"
