"""Permission classes: who may see and use a component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .exceptions import NotAuthenticated

if TYPE_CHECKING:
    from .component import Component


class Permission(Protocol):
    """Refuses by raising NotAuthenticated, PermissionDenied or NotFound."""

    def check(self, component: Component) -> None: ...


class AllowAny:
    """Everybody, logged in or not. Said out loud, because there is no default."""

    def check(self, component: Component) -> None:
        return None


class IsAuthenticated:
    """Somebody is logged in and their account is active."""

    def check(self, component: Component) -> None:
        if not (component.user.is_authenticated and component.user.is_active):
            raise NotAuthenticated
