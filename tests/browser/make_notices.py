"""People to be told things, and what they are told; runs in a site's office."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from example_site.bootcamp.demo.pages import COURSE_SLUG
from example_site.bootcamp.demo.people import PASSWORD
from wagtail_live_lms import actions
from wagtail_live_lms.actions.delivery import worker
from wagtail_live_lms.models import Course


def make_readers(names: list[str]) -> None:
    """Students of the demo's course, whom no other test touches."""
    password = make_password(PASSWORD)
    course = Course.objects.get(slug=COURSE_SLUG)
    for name in names:
        user = get_user_model().objects.create(username=name, password=password)
        actions.enrol(course, user)


def tell(people: list[str], keys: list[str], payload: dict[str, Any]) -> None:
    """Each of them of each grade."""
    users = get_user_model().objects.filter(username__in=people)
    course = Course.objects.get(slug=COURSE_SLUG)
    for key in keys:
        actions.notify(users, "grade_posted", course, key, payload)


def allow_browser(username: str, endpoint: str, keys: dict[str, str]) -> None:
    """As when the student pressed the button there."""
    user = get_user_model().objects.get(username=username)
    actions.allow_browser(user, endpoint, **keys)


def tell_and_be_killed(people: list[str], keys: list[str], payload: dict[str, Any]) -> None:
    """The process dies after the commit, as it is about to deliver."""
    worker.wake = lambda: os.kill(os.getpid(), signal.SIGKILL)
    tell(people, keys, payload)
