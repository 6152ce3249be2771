"""`manage.py recount_progress`: counts the summary rows of courses anew and repairs them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from wagtail_live_lms.actions import (
    Correction,
    StandingCorrection,
    recount_course,
    recount_standings,
)
from wagtail_live_lms.models import Course, Enrolment, Quiz


class Command(BaseCommand):
    help = (
        "Counts every student's progress and quiz results and every course's totals from what "
        "was completed and handed in, repairs what does not match and reports it. Open "
        "dashboards follow."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--course", metavar="SLUG", help="Only this course; default: all.")
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; report what is wrong and exit with 1 if anything is.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_check = options["check"]
        courses = self._find_courses(options["course"])
        wrong = sum(self._recount(course, is_check=is_check) for course in courses)
        summary = f"{_count(len(courses), 'course')} counted, {_count(wrong, 'row')} wrong"
        if is_check and wrong:
            raise CommandError(f"{summary}, nothing repaired.")
        self.stdout.write(self.style.SUCCESS(f"{summary}{' and repaired' if wrong else ''}."))

    def _find_courses(self, slug: str | None) -> list[Course]:
        courses = list(Course.objects.filter(slug=slug) if slug else Course.objects.all())
        if slug and not courses:
            raise CommandError(f"There is no course {slug!r}.")
        return courses

    def _recount(self, course: Course, *, is_check: bool) -> int:
        with transaction.atomic():
            corrections, results = recount_course(course), recount_standings(course)
            told = {c.enrolment_id for c in corrections if c.enrolment_id}
            told |= {c.enrolment_id for c in results}
            names = dict(Enrolment.objects.filter(pk__in=told).values_list("pk", "display_name"))
            transaction.set_rollback(is_check)
        for correction in corrections:
            self.stdout.write(f"{course.slug}: {_described(correction, names)}")
        for result in results:
            self.stdout.write(f"{course.slug}: {_described_result(result, names)}")
        return len(corrections) + len(results)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'s' if number > 1 else ''}"


def _described(correction: Correction, names: dict[int, str]) -> str:
    if correction.enrolment_id is None:
        return f"totals said {_totals(correction.said)}; counted {_totals(correction.counted)}"
    who = f"{names[correction.enrolment_id]} (enrolment {correction.enrolment_id})"
    return f"{who} said {_progress(correction.said)}; counted {_progress(correction.counted)}"


def _described_result(correction: StandingCorrection, names: dict[int, str]) -> str:
    who = f"{names[correction.enrolment_id]} (enrolment {correction.enrolment_id})"
    if correction.quiz_id is None:
        return f"{who} said average {correction.said[0]}; counted {correction.counted[0]}"
    what = f"quiz “{Quiz.objects.get(pk=correction.quiz_id)}”"
    return f"{who}, {what} said {_result(correction.said)}; counted {_result(correction.counted)}"


def _result(figures: tuple[object, ...]) -> str:
    return "{} attempts, {} %, passed: {}".format(*figures)


def _progress(figures: tuple[int, ...]) -> str:
    return "{} completed, {} %".format(*figures)


def _totals(figures: tuple[int, ...]) -> str:
    return "{} students, {} per cent in all, {} finished, {} modules".format(*figures)
