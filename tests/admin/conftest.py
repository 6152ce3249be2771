"""People who work in the admin, and the form of a course."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests.factories import make_superuser, make_user
from wagtail_live_lms.models import Course, CourseInstructor, Module

EditorClient = Callable[..., Client]


def log_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def superuser(db: None) -> Client:
    """The admin as a superuser sees it."""
    return log_in(make_superuser())


@pytest.fixture
def editor(db: None) -> EditorClient:
    """The admin as a member of a group with these permissions on our models sees it."""

    def make(*codenames: str) -> Client:
        group = Group.objects.create(name=f"Group of {len(codenames)} {'-'.join(codenames)}")
        group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
        assert group.permissions.count() == len(codenames) + 1
        user = make_user()
        user.groups.add(group)
        return log_in(user)

    return make


def module_data(module: Module | None = None, **fields: Any) -> dict[str, Any]:
    """A module's part of the form, as a browser would send it."""
    stored = module or Module(title="")
    data = {
        "id": stored.pk or "",
        "title": stored.title,
        "completion_rule": stored.completion_rule,
        "page": stored.page_id or "",
        "archived": "on" if stored.archived else "",
    } | fields
    if not data["archived"]:
        del data["archived"]
    return data


def course_data(
    modules: Iterable[dict[str, Any]] = (),
    *,
    instructors: Iterable[Any] = (),
    course: Course | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A course's form, as a browser would send it."""
    forms = [dict(module) for module in modules]
    links = list(CourseInstructor.objects.filter(course=course)) if course else []
    people = [{"id": link.pk, "user": link.user_id} for link in links]
    people += [{"id": "", "user": user.pk} for user in instructors]
    data = {
        "title": course.title if course else "Python",
        "slug": course.slug if course else "python",
        "description": "",
        "enrolment_policy": "open",
        "modules": inline_formset(forms, initial=sum(1 for form in forms if form["id"])),
        "instructor_links": inline_formset(people, initial=len(links)),
        "alert_rules": inline_formset([]),
        "prepared_hints": inline_formset([]),
        "dashboard_page": "",
    } | fields
    return nested_form_data(data)


def course_url(view: str, *args: Any) -> str:
    return reverse(f"wagtail_live_lms_courses:{view}", args=args)


def enrolment_url(view: str, *args: Any) -> str:
    return reverse(f"wagtail_live_lms_enrolments:{view}", args=args)


def people_url(view: str, *args: Any) -> str:
    return reverse(f"wagtail_live_lms_people:{view}", args=args)


def text_of(response: Any) -> str:
    """The page's text, white space collapsed."""
    return " ".join(response.content.decode().split())


def root_page() -> Page:
    return Page.objects.get(depth=1)
