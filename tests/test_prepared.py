"""Queries that are compiled once say what the ORM says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, FloatField, QuerySet, Sum

from tests import factories
from tests.quiz_taking import hand_in
from tests.quizzes import single
from wagtail_live_lms.models import Answer, Enrolment, Submission
from wagtail_live_lms.prepared import Prepared, PreparedValues, Slot, slots


def by_key() -> QuerySet[Submission]:
    return Submission.objects.with_quiz().filter(**slots(Submission, "pk"))


def by_course() -> QuerySet[Enrolment]:
    rows = Enrolment.objects.current().filter(**slots(Enrolment, "course"))
    return rows.only("display_name").order_by("pk")


@pytest.mark.django_db
class TestPrepared:
    def test_a_row_is_as_the_orm_reads_it(self, django_assert_num_queries: Any) -> None:
        submission = hand_in(factories.make_quiz(questions=[single("q1")]), "b")
        expected = Submission.objects.with_quiz().get(pk=submission.pk)
        with django_assert_num_queries(1):
            found = Prepared(Submission, by_key).get(pk=submission.pk)
            assert found.version.digest
            assert found.quiz.title
            assert found.enrolment.display_name
        assert found.percent == expected.percent == Decimal(50)
        assert found.ended_at == expected.ended_at
        assert found.get_deferred_fields() == expected.get_deferred_fields()
        assert found.quiz.get_deferred_fields() == expected.quiz.get_deferred_fields()
        assert not found._state.adding

    def test_each_run_has_its_own_values(self) -> None:
        query = Prepared(Enrolment, by_course)
        course, other = factories.make_course(), factories.make_course()
        students = [factories.make_student(course) for _ in range(2)]
        stranger = factories.make_student(other)
        assert query.all(course=course.pk) == students
        assert query.all(course=other.pk) == [stranger]
        assert query.first(course=other.pk) == stranger
        assert query.first(course=0) is None

    def test_what_must_be_there_and_is_not(self) -> None:
        with pytest.raises(Submission.DoesNotExist):
            Prepared(Submission, by_key).get(pk=0)

    def test_it_is_written_once(self) -> None:
        made = []

        def make() -> QuerySet[Enrolment]:
            made.append(True)
            return by_course()

        query = Prepared(Enrolment, make)
        query.all(course=1)
        query.all(course=2)
        assert len(made) == 1


def by_points(share: Any) -> QuerySet[Any]:
    sums = Answer.objects.values("question_id").annotate(got=Sum("points"), most=Sum("maximum"))
    weak = sums.filter(got__lt=F("most") * share).order_by("question_id")
    return weak.values_list("question_id", "got")


@pytest.mark.django_db
class TestPreparedValues:
    def test_a_row_is_as_the_orm_reads_it(self) -> None:
        quiz = factories.make_quiz(questions=[single("q1"), single("q2")])
        hand_in(quiz, "b", "a")
        query = PreparedValues(Answer, lambda: by_points(Slot("share", FloatField())))
        expected = [list(row) for row in by_points(0.5)]
        assert query.all(share=0.5) == expected
        assert len(query.all(share=2.0)) == len(by_points(2.0)) == 2

    def test_a_value_is_not_grouped_by(self) -> None:
        """SQLite takes a number there for a value, PostgreSQL for a column."""
        slotted = by_points(Slot("share", FloatField()))
        grouped = str(slotted.query.get_compiler("default").as_sql()[0]).partition("GROUP BY")[2]
        assert "%s" not in grouped.partition("HAVING")[0]
