"""What happens in a course meanwhile; runs in a site's office."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from example_site.bootcamp.demo.pages import COURSE_SLUG
from wagtail_live_lms import actions
from wagtail_live_lms.models import CompletionRule, Course, CourseInstructor


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
