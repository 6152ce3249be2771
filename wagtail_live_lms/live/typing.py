"""Types for the parameters of `mount` and of event handlers."""

from typing import Annotated

from pydantic import Field, StringConstraints

RowId = Annotated[int, Field(gt=0, lt=2**63)]
"""A primary key a database can hold: 1 to 2**63 - 1."""

ShortText = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
"""Text a person typed, at most 200 characters, trimmed."""
