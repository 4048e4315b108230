"""Fields whose column is encrypted. Used like CharField, JSONField and BinaryField, save for this:

- a value is opened when the attribute is read, with the row's own key as associated data, so read
  it from instances; `values()` gives `Ciphertext`;
- it is set by saving or creating instances, not by `update()` or `bulk_update()`;
- it is not searched: only "is it empty" can be asked. Equality needs a blind index beside it.

Empty text and empty bytes are kept as they are: that there is nothing is no secret.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from rongdang.base.cipher.blind import blind_index
from rongdang.base.cipher.keyring import BLIND_INDEX, COLUMNS
from rongdang.base.columns import sealing

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _CharField = models.CharField[str, str]
else:
    _Field, _CharField = models.Field, models.CharField


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A value as it stands in the database; `stored` is text or bytes, as the column has it."""

    stored: str | bytes


class _Opening(DeferredAttribute):
    """Opens what the database gave, once, when it is asked for."""

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Ciphertext) and instance is not None:
            assert isinstance(self.field, EncryptedField)
            value = self.field.opened(value, instance.pk)
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: object) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(_Field, ABC):
    """What the three below have in common; they say how a value becomes bytes and back."""

    column: str
    descriptor_class = _Opening
    purpose = COLUMNS  # of the ring's keys

    @abstractmethod
    def encoded(self, value: Any) -> bytes:
        """The plain bytes that are sealed."""

    @abstractmethod
    def decoded(self, plain: bytes) -> Any:
        """The value of those bytes."""

    def is_empty(self, value: object) -> bool:
        return value is None or value in {"", b""}

    def stored(self, sealed: bytes) -> str | bytes:
        """As the column takes it."""
        return sealing.to_text(sealed)

    def sealed(self, stored: str | bytes) -> bytes:
        return stored if isinstance(stored, bytes) else sealing.from_text(stored)

    def opened(self, value: Ciphertext, pk: object) -> Any:
        """Raises DamagedError when it was not sealed for this row and column."""
        sealed = self.sealed(value.stored)
        plain = sealing.unseal(self.model._meta.db_table, self.column, pk, sealed)
        return self.decoded(plain)

    def read(self, raw: Any, pk: object) -> Any:
        """What a cursor of one's own gave for the row of that key."""
        value = self.from_db_value(raw, None, None)
        return self.opened(value, pk) if isinstance(value, Ciphertext) else value

    def closed(self, value: Any, pk: object) -> Ciphertext:
        table = self.model._meta.db_table
        if pk is None:
            raise FieldError(f"{table}: a row needs its key before a value is sealed for it.")
        sealed = sealing.seal(table, self.column, pk, self.encoded(value), purpose=self.purpose)
        return Ciphertext(self.stored(sealed))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001  # Django's
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Ciphertext):
            return value  # never opened, so never changed
        value = getattr(model_instance, self.attname)
        return value if self.is_empty(value) else self.closed(value, model_instance.pk)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Ciphertext):
            return value.stored
        return value if self.is_empty(value) else self._refuse()

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        kept = bytes(value) if isinstance(value, memoryview) else value
        return kept if self.is_empty(kept) else Ciphertext(kept)

    def _refuse(self) -> NoReturn:
        raise FieldError(
            f"{self.model._meta.label}.{self.name} is encrypted: save instances, and look it up by a "
            "blind index."
        )


def encrypted(model: type[models.Model], name: str) -> EncryptedField:
    """That field of the model, which must be an encrypted one."""
    field = model._meta.get_field(name)
    assert isinstance(field, EncryptedField), f"{model._meta.label}.{name} is not encrypted"
    return field


def sealed_for(row: models.Model, name: str, value: Any) -> Any:
    """The value as `update()` of this one row takes it."""
    field = encrypted(type(row), name)
    return value if field.is_empty(value) else field.closed(value, row.pk)


class EncryptedTextField(EncryptedField):
    """Text. `max_length` is checked by forms and services, not by the column."""

    def get_internal_type(self) -> str:
        return "TextField"

    def encoded(self, value: Any) -> bytes:
        return str(value).encode()

    def decoded(self, plain: bytes) -> str:
        return plain.decode()


class EncryptedJSONField(EncryptedField):
    """Anything JSON can say; an empty list or object is sealed like any other."""

    def get_internal_type(self) -> str:
        return "TextField"

    def is_empty(self, value: object) -> bool:
        return value is None or (isinstance(value, str) and not value)

    def encoded(self, value: Any) -> bytes:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).encode()

    def decoded(self, plain: bytes) -> Any:
        return json.loads(plain)


class EncryptedBinaryField(EncryptedField):
    """Bytes, such as a deflated text layer."""

    empty_values = [None, b""]

    def get_internal_type(self) -> str:
        return "BinaryField"

    def stored(self, sealed: bytes) -> bytes:
        return sealed

    def encoded(self, value: Any) -> bytes:
        return bytes(value)

    def decoded(self, plain: bytes) -> bytes:
        return plain

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002  # Django's
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else connection.Database.Binary(value)


class BlindIndexField(_CharField):
    """Stands for an encrypted value in exact lookups: a keyed digest of what the model says of it.

    The model's `indexed()` gives the normalised text, or "" where the row is not to be found so.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_length=64, blank=True, editable=False, db_index=True)
        super().__init__(*args, **kwargs)

    def digest(self, text: str) -> str:
        """What rows of that text hold in this column."""
        key = settings.KEYRING.secret(BLIND_INDEX)
        return blind_index(key, f"{self.model._meta.db_table}.{self.column}", text) if text else ""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001  # Django's
        value = self.digest(model_instance.indexed())  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value
