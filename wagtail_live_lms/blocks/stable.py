"""Blocks whose wording never becomes a migration of a site."""

from typing import Any


class StableBlock:
    """A migration refers to the block by its permanent path alone."""

    @property
    def is_stable(self) -> bool:
        """A block that a site derives from ours belongs to its migrations."""
        return type(self).__module__.startswith("wagtail_live_lms.")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        if not self.is_stable:
            return super().deconstruct()  # type: ignore[misc]
        return f"wagtail_live_lms.blocks.{type(self).__name__}", [], self._constructor_kwargs  # type: ignore[attr-defined]

    def deconstruct_with_lookup(self, lookup: Any) -> tuple[str, list[Any], dict[str, Any]]:
        if not self.is_stable:
            return super().deconstruct_with_lookup(lookup)  # type: ignore[misc]
        return self.deconstruct()

    @classmethod
    def construct_from_lookup(cls, lookup: Any, *args: Any, **kwargs: Any) -> Any:
        return cls(**kwargs)
