"""The one gate for reads on behalf of a person: the object, or a refusal.

Outsiders get NotFound for what exists and for what does not, so they cannot tell the two apart.
"""

from typing import Any

from wagtail_live_lms.live.exceptions import NotFound
from wagtail_live_lms.models import (
    Answer,
    Course,
    CourseInstructor,
    Enrolment,
    Module,
    Quiz,
    Submission,
    SubmissionState,
)


def is_instructor(user: Any, course_id: int) -> bool:
    """Whether this person may watch the course's students. Superusers may watch all."""
    if not (user.is_authenticated and user.is_active):
        return False
    if user.is_superuser:
        return Course.objects.filter(pk=course_id).exists()
    return CourseInstructor.objects.filter(course_id=course_id, user=user).exists()


def is_enrolled(user: Any, course_id: int) -> bool:
    """Whether this person takes the course now."""
    if not (user.is_authenticated and user.is_active):
        return False
    return Enrolment.objects.current().filter(course_id=course_id, user=user).exists()


def get_taught_course_for(user: Any, course_id: int) -> Course:
    """The course, for those who teach it."""
    if not is_instructor(user, course_id):
        raise NotFound
    return Course.objects.get(pk=course_id)


def get_enrolment_for(user: Any, course_id: int) -> Enrolment:
    """This person's current enrolment in the course."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    enrolments = Enrolment.objects.current().select_related("course")
    enrolment = enrolments.filter(course_id=course_id, user=user).first()
    if enrolment is None:
        raise NotFound
    return enrolment


def get_course_for(user: Any, course_id: int) -> Course:
    """The course, for anybody who may know that it exists: those who could join it, too."""
    is_known = user.is_authenticated and user.is_active
    course = Course.objects.filter(pk=course_id).first() if is_known else None
    if course is None:
        raise NotFound
    if course.enrolment_policy == "open":
        return course
    if not (is_enrolled(user, course_id) or is_instructor(user, course_id)):
        raise NotFound
    return course


def get_module_for(user: Any, course_id: int, module_id: int) -> Module:
    """A module of a course this person takes; another course's module does not exist here."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    current = {"course__enrolments__user": user, "course__enrolments__withdrawn_at": None}
    module = Module.objects.filter(pk=module_id, course_id=course_id, **current).first()
    if module is None:
        raise NotFound
    return module


def get_quiz_for(user: Any, course_id: int, quiz_id: int) -> Quiz:
    """A quiz of a course this person takes: published, or begun by them while it was."""
    enrolment = get_enrolment_for(user, course_id)
    quiz = Quiz.objects.select_related("course", "module").filter(pk=quiz_id, course=course_id)
    found = quiz.first()
    if found is None or not (found.live or found.submissions.filter(enrolment=enrolment).exists()):
        raise NotFound
    return found


def get_submission_for(user: Any, submission_id: int) -> Submission:
    """A student's own attempt, in a course they take now."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    own = {"enrolment__user": user, "enrolment__withdrawn_at": None}
    found = Submission.objects.with_quiz().filter(pk=submission_id, **own).first()
    if found is None:
        raise NotFound
    return found


def get_quiz_taught_by(user: Any, quiz_id: int) -> Quiz:
    """A quiz, published or not, for those who teach its course."""
    quiz = Quiz.objects.select_related("course", "module").filter(pk=quiz_id).first()
    if quiz is None or not is_instructor(user, quiz.course_id):
        raise NotFound
    return quiz


def get_answer_taught_by(user: Any, quiz_id: int, answer_id: int) -> Answer:
    """An answer of an ended attempt at the quiz, for those who teach its course."""
    quiz = get_quiz_taught_by(user, quiz_id)
    answers = Answer.objects.select_related("submission", "graded_by")
    ended = answers.exclude(submission__state=SubmissionState.OPEN)
    found = ended.filter(pk=answer_id, submission__quiz=quiz).first()
    if found is None:
        raise NotFound
    return found


def get_enrolment_taught_by(user: Any, enrolment_id: int) -> Enrolment:
    """A student's enrolment, for those who teach the course."""
    enrolment = Enrolment.objects.select_related("course").filter(pk=enrolment_id).first()
    if enrolment is None or not is_instructor(user, enrolment.course_id):
        raise NotFound
    return enrolment
