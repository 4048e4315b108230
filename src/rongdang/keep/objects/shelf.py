"""Where the bytes of an object lie, and under which key of the ring its own key is wrapped."""

from __future__ import annotations

import uuid

from django.conf import settings

from rongdang.base.errors import DomainError
from rongdang.keep.objects.ports import Store
from rongdang.keep.objects.stores.filesystem import FilesystemStore

PURPOSE = "objects"


class ObjectDamagedError(DomainError):
    """What the store gives back is not what was put there."""

    status, code = 500, "object-damaged"


def store() -> Store:
    return FilesystemStore(settings.OBJECT_ROOT)


def key_of(object_id: uuid.UUID) -> str:
    """Fan-out by the random end of the id, so folders fill evenly."""
    name = str(object_id)
    return f"{name[-2:]}/{name[-4:-2]}/{name}"
