"""The component runtime: the server owns all state, events come by HTTP, sockets only push.

It knows no course. Public names come from here; `docs/reference/components.md` explains them.
"""

from .broadcasting import broadcast, broadcast_many
from .component import Component, CompositeComponent, FormComponent, ModelComponent, Once
from .exceptions import (
    ComponentError,
    Conflict,
    InvalidInput,
    LiveError,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
    RateLimitExceeded,
)
from .hub import ACCESS
from .messages import RESNAPSHOT, Change, Fragment, Message
from .permissions import AllowAny, IsAuthenticated
from .places import places
from .registry import registry
from .topics import personal_topic, row_id, topics
from .typing import RowId, ShortText

__all__ = [
    "ACCESS",
    "RESNAPSHOT",
    "AllowAny",
    "Change",
    "Component",
    "ComponentError",
    "CompositeComponent",
    "Conflict",
    "FormComponent",
    "Fragment",
    "InvalidInput",
    "IsAuthenticated",
    "LiveError",
    "Message",
    "ModelComponent",
    "NotAuthenticated",
    "NotFound",
    "Once",
    "PermissionDenied",
    "RateLimitExceeded",
    "RowId",
    "ShortText",
    "broadcast",
    "broadcast_many",
    "personal_topic",
    "places",
    "registry",
    "row_id",
    "topics",
]
