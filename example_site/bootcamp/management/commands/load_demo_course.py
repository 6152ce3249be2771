"""`manage.py load_demo_course`: the Python bootcamp with its people, ready to be looked at."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from example_site.bootcamp.content.reader import read_lessons
from example_site.bootcamp.demo.course import fill_course, load_course, start_class
from example_site.bootcamp.demo.notebooks import load_practices
from example_site.bootcamp.demo.pages import COURSE_SLUG, load_course_pages, load_home_page
from example_site.bootcamp.demo.people import PASSWORD, load_people
from example_site.bootcamp.demo.quizzes import load_quizzes

WHERE_TO_LOOK = (
    ("Course", "/{slug}/", "student1 ... student30"),
    ("Dashboard", "/{slug}/dashboard/", "instructor"),
    ("Grading", "/{slug}/grading/", "instructor"),
    ("Results", "/{slug}/quiz-results/", "instructor"),
    ("Admin", "/admin/", "admin, editor"),
    ("Log in", "/accounts/login/", "password of everybody: {password}"),
)


class Command(BaseCommand):
    help = "Loads the demo course. Running it again adds what is missing and keeps everything else."

    def handle(self, *args: Any, **options: Any) -> None:
        created = self._load()
        self.stdout.write(
            self.style.SUCCESS(
                "The demo course has been loaded."
                if created
                else "The demo course was there already and has been kept as it is."
            )
        )
        self._print_where_to_look()

    def _print_where_to_look(self) -> None:
        base = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
        for name, path, people in WHERE_TO_LOOK:
            url = base + path.format(slug=COURSE_SLUG)
            self.stdout.write(f"  {name:10} {url:52} {people.format(password=PASSWORD)}")
        self.stdout.write("To see the dashboard move, in a second terminal:")
        python = os.path.relpath(sys.executable)
        self.stdout.write(f"  {python} manage.py simulate_class --course {COURSE_SLUG}")

    @transaction.atomic
    def _load(self) -> bool:
        """All or nothing, so that a run that was interrupted leaves no half of a course."""
        people = load_people()
        lessons = read_lessons()
        home = load_home_page(owner=people.admin)
        course, created = load_course()
        quizzes = load_quizzes(course, owner=people.editor) if created else {}
        course_page = load_course_pages(home, course, lessons, quizzes, owner=people.editor)
        if created:
            fill_course(course, course_page, lessons, quizzes, people.instructor)
        load_practices(course, course_page, owner=people.editor)
        if created:
            start_class(course, people.students, people.instructor)
        return created
