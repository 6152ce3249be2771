"""What a student's token is for: looking at modules and reporting what was passed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from ninja import Query, Router

from wagtail_live_lms import access
from wagtail_live_lms.actions import display_name_of, report_notebook
from wagtail_live_lms.live import RowId
from wagtail_live_lms.models import Module, Source
from wagtail_live_lms.notebooks import POLICY, notebook_response

from .authentication import StudentToken, caller, token_of
from .openapi import NOTEBOOK_FILE, problems
from .schemas import Me, ModuleOut, NoticesIn, NoticesOut, ProgressIn, ProgressOut, RequestKey

NOTICES = 20
"""Notices in one answer, at most."""

router = Router(auth=StudentToken())


@router.get("/me", response={200: Me, **problems(401, 403, 429)})
def get_me(request: HttpRequest) -> dict[str, Any]:
    """Whose token this is, and which courses they take."""
    user = caller(request)
    return {
        "name": display_name_of(user),
        "username": user.get_username(),
        "token": token_of(request),
        "courses": access.get_current_courses_for(user),
    }


@router.get("/notifications", response={200: NoticesOut, **problems(401, 403, 422, 429)})
def get_notifications(request: HttpRequest, place: Query[NoticesIn]) -> Any:
    """What the student was told and has not dismissed, the oldest first, at most 20.

    `after` is the id of the last notice that was read.
    """
    notices = access.get_notifications_for(caller(request)).filter(pk__gt=place.after)
    return {
        "notifications": [
            {
                "id": notice.pk,
                "kind": notice.kind,
                "title": notice.sentence,
                "body": notice.text,
                "url": request.build_absolute_uri(notice.url) if notice.url else "",
                "created_at": notice.created_at,
            }
            for notice in notices.order_by("pk")[:NOTICES]
        ]
    }


@router.get(
    "/modules/{int:module_id}", response={200: ModuleOut, **problems(401, 403, 404, 422, 429)}
)
def get_module(request: HttpRequest, module_id: RowId) -> dict[str, Any]:
    """A module: what its notebook requires, and how far the student is."""
    user = caller(request)
    module = access.get_known_module_for(user, module_id)
    now = access.standing(access.find_enrolment_for(user, module.course_id), module)
    done = now.progress
    return {
        "id": module.pk,
        "title": module.title,
        "course": module.course,
        "state": now.state,
        "completed_at": done.completed_at if done else None,
        "source": done.source if done else None,
        "source_label": str(Source(done.source).label) if done else "",
        "page_url": _page_url(request, module),
        "manifest": _manifest(module),
        "passed": now.passed,
    }


@router.get(
    "/modules/{int:module_id}/notebook",
    response=problems(401, 403, 404, 422, 429),
    openapi_extra={"responses": NOTEBOOK_FILE},
)
def get_notebook(request: HttpRequest, module_id: RowId) -> HttpResponse:
    """The module's notebook as a file, with its module and manifest in the metadata."""
    lesson = access.get_notebook_for(caller(request), module_id)
    return notebook_response(lesson, request.build_absolute_uri(get_script_prefix()))


@router.post(
    "/modules/{int:module_id}/progress",
    response={200: ProgressOut, **problems(401, 403, 404, 409, 413, 422, 429)},
)
def report_progress(
    request: HttpRequest, module_id: RowId, report: ProgressIn, key: RequestKey
) -> dict[str, Any]:
    """Record passed cells. They add up; the module is complete when every required one is there."""
    user = caller(request)
    module = access.get_known_module_for(user, module_id)
    evidence = {**report.evidence.model_dump(mode="json"), "digest": report.digest}
    return report_notebook(user, module, report.passed, key=key, evidence=evidence)


def _page_url(request: HttpRequest, module: Module) -> str:
    page = module.page
    url = page.get_url(request) if page is not None and page.live else None
    return request.build_absolute_uri(url) if url else ""


def _manifest(module: Module) -> dict[str, Any] | None:
    lesson = getattr(module, "notebook_lesson", None)
    if lesson is None:
        return None
    return {"digest": lesson.digest, "required": lesson.required, "policy": POLICY}
