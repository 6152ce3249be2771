"""Where our pages of the admin are."""

from django.urls import reverse

COURSES = "wagtail_live_lms_courses"
ENROLMENTS = "wagtail_live_lms_enrolments"
QUIZZES = "wagtail_live_lms_quizzes"
NOTEBOOKS = "wagtail_live_lms_notebooks"


def enrolment_url(view: str, *args: int) -> str:
    """The address of one of the pages about enrolments."""
    return reverse(f"{ENROLMENTS}:{view}", args=args)


def students_url(course_id: int) -> str:
    """The list of a course's students."""
    return f"{enrolment_url('index')}?course={course_id}"


def enrol_url(course_id: int) -> str:
    """The form that enrols somebody in a course."""
    return f"{enrolment_url('add')}?course={course_id}"


def quiz_url(view: str, *args: int) -> str:
    """The address of one of the pages about quizzes."""
    return reverse(f"{QUIZZES}:{view}", args=args)


def quizzes_url(course_id: int) -> str:
    """The list of a course's quizzes."""
    return f"{quiz_url('list')}?course={course_id}"
