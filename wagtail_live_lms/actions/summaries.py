"""The summary rows, kept in step with what they sum up, or counted anew from it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from wagtail_live_lms.models import (
    Course,
    CourseTotals,
    Enrolment,
    Module,
    Progress,
    percentage,
)
from wagtail_live_lms.prepared import Prepared, slots

from .changes import push_course


@dataclass(frozen=True, slots=True)
class Correction:
    """A summary row that did not match: what it said, and what was counted.

    Completed count and percentage of an enrolment; or, with `enrolment_id` None, the course's
    totals: students, sum of percentages, finished, modules.
    """

    enrolment_id: int | None
    said: tuple[int, ...]
    counted: tuple[int, ...]


def _totals() -> QuerySet[CourseTotals]:
    return CourseTotals.objects.select_for_update().filter(**slots(CourseTotals, "pk"))


_TOTALS = Prepared(CourseTotals, _totals)


def lock_course(course_id: int) -> CourseTotals:
    """Take the lock that every change of the course's summaries takes first, in a transaction."""
    totals = _TOTALS.first(pk=course_id)
    if totals is None:
        CourseTotals.objects.bulk_create([CourseTotals(course_id=course_id)], ignore_conflicts=True)
        totals = _TOTALS.get(pk=course_id)
        count_totals(totals)
    return totals


def move_totals(totals: CourseTotals, before: Enrolment | None, after: Enrolment | None) -> None:
    """Replace one enrolment's share in the totals; None for somebody who is not there."""
    for enrolment, sign in ((before, -1), (after, 1)):
        if enrolment is not None and enrolment.withdrawn_at is None:
            totals.student_count += sign
            totals.percent_sum += sign * enrolment.percent
            totals.finished_count += sign * enrolment.is_finished
    totals.save()


def recount_course(course: Course) -> list[Correction]:
    """Count every summary row of a course from scratch, repair what is wrong and report it."""
    with transaction.atomic():
        totals = lock_course(course.pk)
        said = _figures(totals)
        wrong = _wrong_rows(course.pk).order_by("pk")
        corrections = [
            Correction(pk, (count, percent), (actual, expected))
            for pk, count, percent, actual, expected in wrong.values_list(  # type: ignore[misc]
                "pk", "completed_count", "percent", "actual", "expected"
            )
        ]
        count_course(totals)
        if said != _figures(totals):
            corrections.append(Correction(None, said, _figures(totals)))
        if corrections:
            push_course(course.pk)
    return corrections


def count_course(totals: CourseTotals) -> None:
    """Count all rows of a locked course, in a number of queries that the roster does not change."""
    _wrong_rows(totals.course_id).update(
        completed_count=F("actual"), percent=F("expected"), version=F("version") + 1
    )
    count_totals(totals)


def count_totals(totals: CourseTotals) -> None:
    """Sum up the rows of a locked course."""
    summed = (
        Enrolment.objects.current()
        .filter(course=totals.course_id)
        .aggregate(
            student_count=Count("pk"),
            percent_sum=Coalesce(Sum("percent"), 0),
            finished_count=Count("pk", filter=Q(percent=100)),
        )
    )
    for name, value in summed.items():
        setattr(totals, name, value)
    totals.module_count = count_modules(totals.course_id)
    totals.save()


def count_modules(course_id: int) -> int:
    """Modules that count."""
    return Module.objects.live().filter(course=course_id).count()


def _wrong_rows(course_id: int) -> QuerySet[Enrolment]:
    modules = count_modules(course_id)
    done = (
        Progress.objects.filter(enrolment=OuterRef("pk"), module__archived=False)
        .order_by()
        .values("enrolment")
        .annotate(n=Count("pk"))
        .values("n")
    )
    expected = Case(
        *[When(actual=count, then=Value(percentage(count, modules))) for count in range(modules)],
        default=Value(percentage(modules, modules)),
        output_field=IntegerField(),
    )
    rows = Enrolment.objects.filter(course=course_id).annotate(actual=Coalesce(Subquery(done), 0))
    return rows.annotate(expected=expected).exclude(
        completed_count=F("actual"), percent=F("expected")
    )


def _figures(totals: CourseTotals) -> tuple[int, int, int, int]:
    return (
        totals.student_count,
        totals.percent_sum,
        totals.finished_count,
        totals.module_count,
    )
