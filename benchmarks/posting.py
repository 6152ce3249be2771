"""Posting the grades of 500 people: the transaction, its statements, and the last to be told."""

import json
from collections.abc import Iterator
from decimal import Decimal

import uvloop
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from wagtail_live_lms.actions import post_grades
from wagtail_live_lms.actions.quiz_versions import freeze_quiz
from wagtail_live_lms.models import (
    Answer,
    Enrolment,
    PostingMode,
    Quiz,
    QuizStanding,
    Submission,
    SubmissionState,
)

from .notices import PEOPLE, Crowd
from .plan import Bench, in_turn
from .results import Row, Samples, Target
from .servers import SERVERS, running

FEW = 5
QUESTION = {
    "type": "long_answer",
    "id": "q1",
    "value": {"text": "<p>Why?</p>", "points": "4"},
}


def measure(bench: Bench) -> Iterator[Row]:
    """The statements for many and for few, then three rows for each server."""
    crowd = Crowd.of(bench)
    quiz = seed_grades(crowd)
    yield _statements(quiz)
    arrival = {(s, mode): Samples(mode, "ms") for s in SERVERS for mode in ("posting", "stock")}
    taken = {server: Samples("transaction", "ms") for server in SERVERS}
    whole = {server: Samples("all", "ms") for server in SERVERS}
    for repetition in range(bench.effort.repetitions):
        for name in SERVERS:
            for mode in in_turn(("stock", "posting"), repetition):
                with running(name, bench.seed) as server:
                    rounds = uvloop.run(crowd.hear(server, mode, bench, arrival[name, mode]))
                if mode == "posting":
                    taken[name].add([told.transaction for told in rounds])
                    whole[name].add([told.transaction + told.arrival for told in rounds])
    for name in SERVERS:
        yield Row(
            f"commit of {PEOPLE} posted grades to the last of {PEOPLE} sockets, {name}",
            arrival[name, "posting"],
            arrival[name, "stock"],
            Target("<=", 1000, "ours", "ms"),
            note="stock: ready text, group_send to a group for each person",
        )
        yield Row(f"transaction that posts {PEOPLE} grades, {name}", taken[name])
        yield Row(
            f"Post to the last of {PEOPLE} sockets, {name}",
            whole[name],
            target=Target("<=", 1000, "ours", "ms"),
        )


def seed_grades(crowd: Crowd) -> Quiz:
    """A quiz whose grades wait to be posted, one attempt for each of the crowd."""
    quiz = Quiz.objects.create(
        course_id=crowd.course_id,
        title="Essay",
        questions=json.dumps([QUESTION]),
        posting=PostingMode.MANUAL,
        undo=False,
        live=True,
    )
    attempts = Submission.objects.bulk_create(_attempts(quiz, crowd))
    Answer.objects.bulk_create(map(_drafted, attempts))
    QuizStanding.objects.bulk_create(map(_standing, attempts))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    return quiz


def _attempts(quiz: Quiz, crowd: Crowd) -> list[Submission]:
    version = freeze_quiz(quiz)
    users = [person.user.pk for person in crowd.people]
    students = Enrolment.objects.filter(course=crowd.course_id, user__in=users)
    return [
        Submission(
            enrolment=student,
            quiz=quiz,
            version=version,
            graded_version=version,
            number=1,
            state=SubmissionState.GRADED,
            maximum=4,
            order_seed=f"{number:016x}",
        )
        for number, student in enumerate(students)
    ]


def _drafted(attempt: Submission) -> Answer:
    return Answer(
        submission=attempt,
        question_id="q1",
        response="Because",
        outcome="pending",
        points=0,
        maximum=4,
        draft_points=Decimal(3),
        drafted_at=attempt.started_at,
    )


def _standing(attempt: Submission) -> QuizStanding:
    return QuizStanding(
        enrolment=attempt.enrolment,
        quiz=attempt.quiz,
        attempt_count=1,
        last_number=1,
        last_state=attempt.state,
    )


def _statements(quiz: Quiz) -> Row:
    """For all and for a few; what is posted to count is taken back."""
    ids = list(Submission.objects.filter(quiz=quiz).values_list("pk", flat=True))
    many, few = Samples("of 500", "statements"), Samples("of 5", "statements")
    for samples, chosen in ((many, ids), (few, ids[:FEW])):
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            post_grades(quiz, None, chosen)
            transaction.set_rollback(True)
        samples.add([float(len(queries))])
    connections.close_all()
    return Row(f"statements that post {PEOPLE} grades", many, few, Target("<=", 60, "ours", ""))
