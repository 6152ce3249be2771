"""Making open pages notice that somebody's rights have changed."""

from collections.abc import Iterable

from .changes import push_access


def recheck_access(user_ids: Iterable[int]) -> None:
    """Have every open socket of these people check again, in all processes, at once."""
    push_access(set(user_ids))
