"""A small course with its people, and the random things that happen in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory

from wagtail_live_lms import actions
from wagtail_live_lms.live.pipeline import build, load
from wagtail_live_lms.models import Course, CourseInstructor, Enrolment, Module

STUDENTS, MODULES = 12, 6
WITH_TABS = 1
"""The first so many students have pages open; they are not withdrawn."""


class Classroom:
    """A course in the database and what may be done to it, chosen by a seeded generator."""

    def __init__(self) -> None:
        users = get_user_model().objects
        self.course = Course.objects.create(title="Course", slug="course")
        self.modules = [
            Module.objects.create(course=self.course, title=f"Module {n}", sort_order=n)
            for n in range(MODULES)
        ]
        self.teacher = users.create_user("teacher")
        CourseInstructor.objects.create(course=self.course, user=self.teacher)
        actions.refresh_course(self.course)
        names = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tim", "Radia", "Ken"]
        self.students = [
            users.create_user(f"student{n}", first_name=names[n % len(names)], last_name=str(n))
            for n in range(STUDENTS)
        ]
        for student in self.students:
            actions.enrol(self.course, student)
        self.clients = {user.pk: Client() for user in [self.teacher, *self.students[:WITH_TABS]]}
        for user in [self.teacher, *self.students[:WITH_TABS]]:
            self.clients[user.pk].force_login(user)

    def session(self, user: Any) -> str:
        return str(self.clients[user.pk].cookies["sessionid"].value)

    def page(self, user: Any, component: str, **params: Any) -> str:
        """The component as a page of this user would show it now."""
        request: HttpRequest = RequestFactory().get("/")
        request.user = user
        built = build(request, component, {"course_id": self.course.pk, **params})
        load(built)
        return str(built.html)

    def click(self, user: Any, token: str, module_id: int) -> str:
        """What the server answers when a student clicks "Mark complete" on their page."""
        answer = self.clients[user.pk].post(
            "/live-lms/components/course_progress/",
            {"params": token, "event": "complete_module", "module_id": module_id},
            headers={"HX-Request": "true"},
        )
        return answer.content.decode() if answer.status_code == 200 else ""

    def happening(self, rng: random.Random) -> Callable[[], Any]:
        """One thing to do, decided now and done whenever it is called."""
        student = rng.choice(self.students)
        module = rng.choice(self.modules)
        untabbed = rng.choice(self.students[WITH_TABS:])
        order = rng.sample([m.pk for m in self.modules], MODULES)
        several = rng.sample(self.students, 6)
        return rng.choices(
            [
                lambda: self._complete(student, module),
                lambda: self._reset(student, module),
                lambda: self._come_or_go(untabbed),
                lambda: self._rename(student, str(rng.randint(10, 99))),
                lambda: self._archive_or_restore(module),
                lambda: actions.reorder_modules(self.course, order),
                lambda: self._complete_many(several, module),
            ],
            weights=[35, 25, 10, 8, 5, 3, 14],
        )[0]

    def _enrolment(self, student: Any) -> Enrolment:
        return Enrolment.objects.get(course=self.course, user=student)

    def _complete(self, student: Any, module: Module) -> None:
        if Enrolment.objects.current().filter(user=student).exists() and not self.is_archived(
            module
        ):
            actions.complete_module(student, module)

    def is_archived(self, module: Module) -> bool:
        return Module.objects.filter(pk=module.pk, archived=True).exists()

    def _reset(self, student: Any, module: Module) -> None:
        actions.reset_module(self._enrolment(student), module, by=self.teacher, reason="again")

    def _complete_many(self, students: list[Any], module: Module) -> None:
        """One transaction, many rows: what overflows a small outbox."""
        with transaction.atomic():
            for student in students:
                self._complete(student, module)

    def _come_or_go(self, student: Any) -> None:
        enrolment = self._enrolment(student)
        if enrolment.withdrawn_at is None:
            actions.withdraw(enrolment)
        else:
            actions.enrol(self.course, student)

    def _rename(self, student: Any, last_name: str) -> None:
        student.last_name = last_name
        student.save(update_fields=["last_name"])
        actions.rename_student(student)

    def _archive_or_restore(self, module: Module) -> None:
        fresh = Module.objects.get(pk=module.pk)
        (actions.restore_module if fresh.archived else actions.archive_module)(fresh)
