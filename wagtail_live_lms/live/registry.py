"""Name to component class. Filled when the app starts; read by every transport."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from .component import Component, CompositeComponent, check_declaration
from .exceptions import ComponentError, NotFound

T = TypeVar("T", bound=type[Component])


class Registry:
    """The components a site has."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Component]] = {}
        self._slots: dict[str, dict[str, str]] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Class decorator. Raises ComponentError for a taken name or a wrong declaration."""

        def decorate(cls: T) -> T:
            if name in self._classes:
                raise ComponentError(f"There is already a component named {name!r}.")
            check_declaration(cls)
            cls.name = name
            self._classes[name] = cls
            return cls

        return decorate

    def get(self, name: str) -> type[Component]:
        """The class of that name. Raises NotFound."""
        try:
            return self._classes[name]
        except KeyError:
            raise NotFound(code="unknown_component") from None

    def unregister(self, name: str) -> None:
        """Forget a component, as at the end of a test."""
        self._classes.pop(name, None)

    def extend(self, composite: str, slot: str, name: str) -> None:
        """Put another package's component into a slot of a composite."""
        slots = self._slots.setdefault(composite, {})
        if slots.get(slot, name) != name:
            raise ComponentError(f"{composite!r} already has {slots[slot]!r} in slot {slot!r}.")
        slots[slot] = name

    def retract(self, composite: str, slot: str) -> None:
        """Take back what `extend` put there, as at the end of a test."""
        self._slots.get(composite, {}).pop(slot, None)

    def slots_of(self, composite: type[CompositeComponent]) -> dict[str, str]:
        """Slot to component name: the class's own, then what others added."""
        return {**composite.components, **self._slots.get(composite.name, {})}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._classes))

    def __contains__(self, name: object) -> bool:
        return name in self._classes


registry: Registry = Registry()
