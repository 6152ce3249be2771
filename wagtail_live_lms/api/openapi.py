"""What the description of the API says beyond what the schemas do."""

from typing import Any

from .problems import CONTENT_TYPE
from .schemas import Problem

ALWAYS = (503,)
"""Any request may meet a database that does not answer."""

NOTEBOOK_FILE = {
    200: {
        "description": "OK",
        "content": {"application/x-ipynb+json": {"schema": {"type": "object"}}},
    }
}


def problems(*statuses: int) -> dict[int, type[Problem]]:
    """The refusals an operation may answer with."""
    return dict.fromkeys((*statuses, *ALWAYS), Problem)


def with_problem_type(schema: dict[str, Any]) -> dict[str, Any]:
    """The description, with problems under their own media type."""
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    for operation in operations:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                response["content"] = {CONTENT_TYPE: response["content"]["application/json"]}
    return schema
