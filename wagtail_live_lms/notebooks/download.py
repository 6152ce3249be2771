"""The notebook as a file that a browser or a program saves."""

import json
from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify

from .manifest import export

CONTENT_TYPE = "application/x-ipynb+json"


def file_name(title: str, module_id: int) -> str:
    """A file name that is the same each time and safe everywhere."""
    return f"{slugify(title)[:60] or 'notebook'}-{module_id}.ipynb"


def notebook_response(lesson: Any, site: str) -> HttpResponse:
    """A lesson's notebook to be saved, naming in its metadata the module that it completes."""
    identity = {
        "site": site.rstrip("/"),
        "course": lesson.module.course_id,
        "module": lesson.module_id,
        "title": lesson.title,
        "digest": lesson.digest,
    }
    text = export(json.loads(lesson.notebook), identity, lesson.required_ids)
    name = file_name(lesson.title, lesson.module_id)
    return HttpResponse(
        text.encode(),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
