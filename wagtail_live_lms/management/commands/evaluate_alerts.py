"""`manage.py evaluate_alerts`: looks for alerts while nobody has a dashboard open."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_live_lms.actions import look_everywhere
from wagtail_live_lms.models import Course


class Command(BaseCommand):
    help = (
        "Opens and clears the alerts of all courses, as a dashboard does when it is read. "
        "Optional: for those who are told of alerts in another way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--course", metavar="SLUG", help="Only this course.")

    def handle(self, *args: Any, **options: Any) -> None:
        courses = Course.objects.order_by("slug")
        slug = options["course"]
        if slug is not None:
            courses = courses.filter(slug=slug)
            if not courses:
                raise CommandError(f"There is no course {slug!r}.")
        for course, looked in look_everywhere(courses).items():
            self.stdout.write(f"{course.slug}: {looked.opened} opened, {looked.cleared} cleared")
