"""A course with a quiz of twenty questions, and a class that is logged in."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db import connection, connections

from wagtail_live_lms.actions import enrol, refresh_course, start_attempt
from wagtail_live_lms.grading import field_name
from wagtail_live_lms.live import signing
from wagtail_live_lms.models import Course, Module, Quiz

from .data import Person, log_in

QUESTIONS = 20
PATH = "/live-lms/components/quiz/"


@dataclass(frozen=True, slots=True)
class Post:
    """A request to be made."""

    path: str
    body: str
    session: str
    content_type: str = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class QuizClass:
    """The quiz, and students who take it."""

    quiz: Quiz
    students: tuple[Person, ...]
    tokens: tuple[str, ...]
    questions: tuple[str, ...]
    attempts: tuple[int | None, ...]
    """Of each student, the attempt that the page names; None before it is begun."""

    def start(self, number: int) -> Post:
        """Begin an attempt."""
        return self._event(number, "start")

    def submit(self, number: int) -> Post:
        """Hand in, with an answer to every question."""
        answers = {field_name(question): "a" for question in self.questions}
        return self._event(number, "submit", attempt=str(self.attempts[number]), **answers)

    def submit_saved(self, number: int, attempt: int) -> Post:
        """Hand in what was saved."""
        return self._event(number, "submit", attempt=str(attempt))

    def save(self, number: int, question: int, attempt: int | None = None) -> Post:
        """Save one answer as the page's script does, of the attempt that the page names."""
        fields = {
            "params": self.tokens[number],
            "event": "save",
            "question": self.questions[question],
            "sequence": int(time.time() * 1000),
            "response": "ab"[question % 2],
            "attempt": attempt or self.attempts[number],
        }
        session = self.students[number].session
        return Post(PATH, json.dumps(fields), session, "application/json")

    def bare_submit(self, number: int) -> Post:
        """The same answers to the bare view."""
        answers = {field_name(question): "a" for question in self.questions}
        return Post(
            "/benchmark/submit/",
            urlencode({"quiz_id": self.quiz.pk, **answers}),
            self.students[number].session,
        )

    def bare_save(self, number: int, question: int) -> Post:
        """The same answer to the bare view."""
        fields = {"question": self.questions[question], "response": "ab"[question % 2]}
        return Post("/benchmark/save/", urlencode(fields), self.students[number].session)

    def _event(self, number: int, event: str, **fields: str) -> Post:
        body = urlencode({"params": self.tokens[number], "event": event, **fields})
        return Post(PATH, body, self.students[number].session)


def seed_quiz(size: int, *, begun: bool) -> QuizClass:
    """A class of that size in the configured database; if `begun`, with attempts under way."""
    made = Course.objects.count()
    course = Course.objects.create(title=f"Quiz course {made}", slug=f"quiz-course-{made}")
    module = Module.objects.create(course=course, title="Quiz", completion_rule="quiz_passed")
    refresh_course(course)
    quiz = Quiz.objects.create(
        title="Twenty questions", course=course, module=module, questions=json.dumps(_questions())
    )
    quiz = Quiz.objects.select_related("course", "module").get(pk=quiz.pk)
    users = _users(f"quiz{made}-", size)
    for user in users:
        enrol(course, user)
    attempts = tuple(start_attempt(user, quiz).pk if begun else None for user in users)
    params = {"course_id": course.pk, "quiz_id": quiz.pk}
    people = tuple(log_in(user) for user in users)
    tokens = tuple(signing.sign("quiz", params, person.user) for person in people)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    questions = tuple(f"q{number}" for number in range(QUESTIONS))
    return QuizClass(quiz, people, tokens, questions, attempts)


def _users(prefix: str, size: int) -> list[Any]:
    User = get_user_model()
    User.objects.bulk_create(User(username=f"{prefix}{number:04d}") for number in range(size))
    return list(User.objects.filter(username__startswith=prefix).order_by("username"))


def _questions() -> list[dict[str, Any]]:
    choices = [
        {"type": "item", "id": ident, "value": {"text": f"<p>{ident}</p>", "correct": ident == "a"}}
        for ident in "abcd"
    ]
    return [
        {
            "type": "single_choice",
            "id": f"q{number}",
            "value": {"text": f"<p>Question {number}</p>", "points": "1", "choices": choices},
        }
        for number in range(QUESTIONS)
    ]
