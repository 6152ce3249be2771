"""The course of the demo and a class that is some days into it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from wagtail_live_lms.actions import (
    Subject,
    ask_for_help,
    complete_module,
    enrol,
    grade_answer,
    grading_revision,
    post_grades,
    refresh_course,
    release_posting,
)
from wagtail_live_lms.management.quiz_taking import take_quiz
from wagtail_live_lms.models import (
    CompletionRule,
    Course,
    CourseInstructor,
    Enrolment,
    Module,
    Posting,
    PostingMode,
    PreparedHint,
    Progress,
    Quiz,
    QuizStanding,
    Source,
    Submission,
)

from ..content.reader import Lesson
from ..models import BootcampCoursePage, BootcampLessonPage
from .notebooks import finish_notebook
from .pages import COURSE_INTRO, COURSE_SLUG, COURSE_TITLE

SEED = 30
HINTS = (
    "Read the error from its last line upwards: it names the line where Python gave up.",
    "Print the values just before the line that surprises you, and compare them with what you "
    "expect.",
    "The Python tutorial explains this well: https://docs.python.org/3/tutorial/",
)
QUESTIONS = {2: "My text comes out on one line. What do I miss?"}
"""What a student asks who has completed so many modules."""
NOT_STARTED, FINISHED = 3, 4
"""How many students of a class have not begun, and how many are through."""
WAITING = 3
"""How many handed in a long answer that nobody has graded."""


def load_course() -> tuple[Course, bool]:
    """The course, and whether it was created just now. An existing one is left as it is."""
    return Course.objects.get_or_create(
        slug=COURSE_SLUG, defaults={"title": COURSE_TITLE, "description": COURSE_INTRO}
    )


def fill_course(
    course: Course,
    course_page: BootcampCoursePage,
    lessons: list[Lesson],
    quizzes: Mapping[str, Quiz],
    instructor: Any,
) -> None:
    """Give a new course its instructor and one module for each lesson, completed by its quiz."""
    CourseInstructor.objects.create(course=course, user=instructor)
    pages = {page.slug: page for page in BootcampLessonPage.objects.child_of(course_page)}
    for place, lesson in enumerate(lessons):
        module = Module.objects.create(
            course=course,
            title=lesson.title,
            completion_rule=lesson.rule,
            page_id=pages[lesson.slug].pk if lesson.slug in pages else None,
            sort_order=place,
        )
        if lesson.slug in quizzes:
            Quiz.objects.filter(pk=quizzes[lesson.slug].pk).update(module=module)
    prepare_help(course, course_page)
    refresh_course(course)


def prepare_help(course: Course, course_page: BootcampCoursePage) -> None:
    """Where alerts lead, and what the instructor answers with."""
    course.dashboard_page = course_page.dashboard
    course.save(update_fields=["dashboard_page"])
    for place, text in enumerate(HINTS):
        PreparedHint.objects.create(course=course, text=text, sort_order=place)


def start_class(course: Course, students: list[Any], instructor: Any) -> None:
    """Enrol the students and let most of them have done a part of the course already."""
    rng = random.Random(SEED)  # noqa: S311 - a story, not a secret
    modules = list(course.modules.live())
    counts = _spread(rng, len(students), len(modules))
    waiting = sorted((count for count in counts if count < len(modules)), reverse=True)[:WAITING]
    for student, count in zip(students, counts, strict=True):
        enrolment = enrol(course, student)
        for module in modules[:count]:
            _complete(rng, student, module, instructor)
        if count in waiting:
            waiting.remove(count)
            _write_at_length(rng, student, course)
        if count:
            _move_into_the_past(enrolment, list(_study_times(rng, count)))
        if count in QUESTIONS:
            enrolment.refresh_from_db()
            ask_for_help(enrolment, Subject(modules[count].title, modules[count]), QUESTIONS[count])


def _complete(rng: random.Random, student: Any, module: Module, instructor: Any) -> None:
    if module.completion_rule == CompletionRule.NOTEBOOK_FINISHED:
        finish_notebook(student, module)
        return
    quiz = Quiz.objects.filter(module=module).select_related("course", "module").first()
    if quiz is None:
        complete_module(student, module)
        return
    attempt = take_quiz(rng, student, quiz, skill=rng.uniform(0.6, 1.0))
    if attempt.is_waiting:
        _grade(rng, attempt, instructor)
        _post(attempt, instructor)
    elif not attempt.passed:
        take_quiz(rng, student, quiz, skill=1.0)


def _grade(rng: random.Random, attempt: Submission, instructor: Any) -> None:
    """The instructor reads the long answers, and is content with all of them."""
    for answer in attempt.answers.filter(outcome="pending"):
        points = answer.maximum - rng.choice((0, 1, 2))
        revision = grading_revision(answer)
        grade_answer(answer, points, "Well explained.", instructor, revision)


def _post(attempt: Submission, instructor: Any) -> None:
    """Posted some days ago: the time to undo it is over."""
    posting = post_grades(attempt.quiz, instructor, [attempt.pk])
    Posting.objects.filter(pk=posting.pk).update(release_at=posting.posted_at)
    release_posting(posting.pk)


def _write_at_length(rng: random.Random, student: Any, course: Course) -> None:
    """Hand in the quiz with a long answer, for the instructor to grade and post."""
    quiz = Quiz.objects.filter(course=course, posting=PostingMode.MANUAL).first()
    if quiz is not None:
        take_quiz(rng, student, quiz, skill=0.8)


def _spread(rng: random.Random, students: int, modules: int) -> list[int]:
    """Modules done by each student: a few none, a few all, the others around the middle."""
    between = students - NOT_STARTED - FINISHED
    counts = [0] * NOT_STARTED + [modules] * FINISHED
    counts += [min(modules - 1, max(1, round(rng.gauss(4, 2)))) for _ in range(between)]
    rng.shuffle(counts)
    return counts


def _study_times(rng: random.Random, count: int) -> Iterator[datetime]:
    """When each module was completed: backwards from some time ago, a day or so apart."""
    moment = timezone.now() - timedelta(minutes=rng.uniform(20, 3 * 24 * 60))
    times = [moment]
    for _ in range(count - 1):
        moment -= timedelta(hours=rng.choice((0.6, 1, 20, 24, 27, 49)) * rng.uniform(0.8, 1.2))
        times.append(moment)
    return reversed(times)


def _move_into_the_past(enrolment: Enrolment, times: list[datetime]) -> None:
    """Nobody watches a course that is being created, so no change needs to be pushed here."""
    rows = list(Progress.objects.filter(enrolment=enrolment).order_by("pk"))
    for row, moment in zip(rows, times, strict=True):
        row.completed_at = moment
        if row.source == Source.QUIZ:
            _move_attempts(enrolment, row.module_id, moment)
    Progress.objects.bulk_update(rows, ["completed_at"])
    unfinished = Submission.objects.filter(enrolment=enrolment, score=None)
    unfinished.update(started_at=times[-1] - timedelta(minutes=9), ended_at=times[-1])
    Enrolment.objects.filter(pk=enrolment.pk).update(
        last_activity=times[-1], enrolled_at=times[0] - timedelta(days=1)
    )


def _move_attempts(enrolment: Enrolment, module_id: int, moment: datetime) -> None:
    """The attempts at a module's quiz end when it was completed, minutes after they began."""
    attempts = Submission.objects.filter(enrolment=enrolment, quiz__module=module_id)
    for back, attempt in enumerate(attempts.order_by("-number")):
        ended = moment - timedelta(minutes=back * 15)
        begun = ended - timedelta(minutes=4 + attempt.pk % 6)
        Submission.objects.filter(pk=attempt.pk).update(started_at=begun, ended_at=ended)
        attempt.answers.update(saved_at=ended)
    QuizStanding.objects.filter(enrolment=enrolment, quiz__module=module_id).update(last_at=moment)
