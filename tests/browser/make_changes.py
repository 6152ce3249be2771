"""What happens in a course meanwhile; runs in a site's office."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from example_site.bootcamp.demo.pages import COURSE_SLUG
from example_site.bootcamp.demo.people import PASSWORD
from wagtail_live_lms import actions
from wagtail_live_lms.models import CompletionRule, Course, CourseInstructor


def enrol_another(number: int) -> str:
    """A student of the demo's course who has finished its first module; returns the username."""
    name = f"another{number}"
    password = make_password(PASSWORD)
    user = get_user_model().objects.create(username=name, last_name=name, password=password)
    actions.enrol(Course.objects.get(slug=COURSE_SLUG), user)
    complete_next(name)
    return name


def complete_next(username: str) -> None:
    """A student of the demo finishes the next module that is completed by hand."""
    course = Course.objects.get(slug=COURSE_SLUG)
    user = get_user_model().objects.get(username=username)
    done = user.live_lms_enrolments.get(course=course).progress.values("module")
    by_hand = course.modules.filter(completion_rule=CompletionRule.BY_HAND)
    actions.complete_module(user, by_hand.exclude(pk__in=done).first())


def take_instructor_off_the_course() -> None:
    """The demo's instructor teaches it no more."""
    teaching = CourseInstructor.objects.filter(course__slug=COURSE_SLUG)
    teaching.get(user__username="instructor").delete()
