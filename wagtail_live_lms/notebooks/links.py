"""Links that open a notebook in somebody's Jupyter, from a pattern with named placeholders."""

import string
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

PLACEHOLDERS = frozenset(
    {"site", "course", "course_slug", "module", "file", "username", "notebook_url"}
)


def is_link_pattern(pattern: str) -> bool:
    """Whether it is an http(s) address with no placeholder but the known ones."""
    try:
        fields = [field for _, field, spec, how in string.Formatter().parse(pattern)]
        address = urlsplit(pattern)
    except ValueError:
        return False
    known = {field for field in fields if field is not None} <= PLACEHOLDERS
    return known and address.scheme in {"http", "https"} and bool(address.netloc)


def fill_link(pattern: str, values: Mapping[str, object]) -> str:
    """The address, each value escaped so that it stays one part of it."""
    escaped = {name: quote(str(value), safe="") for name, value in values.items()}
    return pattern.format_map(escaped)
