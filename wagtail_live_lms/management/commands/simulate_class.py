"""`manage.py simulate_class`: plays a class, so that one person can watch a dashboard move."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_live_lms.actions import Subject, ask_for_help, complete_module, enrol
from wagtail_live_lms.exceptions import EnrolmentClosed
from wagtail_live_lms.live.exceptions import LiveError
from wagtail_live_lms.management.quiz_taking import take_quiz
from wagtail_live_lms.management.simulation import Step, plan_class
from wagtail_live_lms.models import (
    CompletionRule,
    Course,
    Enrolment,
    Module,
    Progress,
    Quiz,
    Source,
)

SOURCES = {
    CompletionRule.BY_HAND: Source.PAGE,
    CompletionRule.PAGE_VIEWED: Source.PAGE,
    CompletionRule.QUIZ_PASSED: Source.QUIZ,
    CompletionRule.NOTEBOOK_FINISHED: Source.NOTEBOOK,
}
SKILL = (0.45, 1.0)
"""Share of the answers that a student knows, from the weakest to the strongest."""
ASKING, STUCK = 0.06, 0.12
"""How often somebody asks for help before they go on, and how many who fail a quiz give up."""
TRIES = 3
"""Attempts of somebody who gives up."""
QUESTIONS = ("How do I begin?", "I do not understand the example.", "")
SIMULATED_USERNAME = "simulated-student-{number}"


class Command(BaseCommand):
    help = (
        "Lets students of a course complete their modules at a believable pace. "
        "It writes real rows through the same actions as the pages do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--course", metavar="SLUG", help="Needed if there are several courses.")
        parser.add_argument("--students", type=int, default=30, help="At most so many take part.")
        parser.add_argument("--minutes", type=float, default=5, help="How long the class lasts.")
        parser.add_argument("--seed", type=int, help="The same seed plays the same class again.")
        parser.add_argument(
            "--create-students",
            action="store_true",
            help="Create and enrol simulated students where the course has fewer.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["students"] < 1 or options["minutes"] < 0:
            raise CommandError("--students must be at least 1, and --minutes not below 0.")
        course = self._find_course(options["course"])
        roster = self._find_roster(course, options["students"], create=options["create_students"])
        rng = random.Random(options["seed"])  # noqa: S311 - a story, not a secret
        try:
            self._play(course, roster, rng, options["minutes"] * 60)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. What was completed stays completed.")

    def _find_course(self, slug: str | None) -> Course:
        slugs = list(Course.objects.order_by("slug").values_list("slug", flat=True)[:20])
        if slug is None and len(slugs) == 1:
            slug = slugs[0]
        course = Course.objects.filter(slug=slug).first()
        if course is None:
            known = ", ".join(slugs) or "none yet"
            raise CommandError(f"Name a course with --course. Courses: {known}.")
        return course

    def _find_roster(self, course: Course, wanted: int, *, create: bool) -> dict[int, Enrolment]:
        enrolments = course.enrolments.current().select_related("user").order_by("pk")
        roster = list(enrolments[:wanted])
        missing = wanted - len(roster)
        if missing and create:
            numbers = range(len(roster) + 1, wanted + 1)
            roster += [self._create_student(course, number) for number in numbers]
        elif missing:
            self.stdout.write(
                f"The course has {len(roster)} students; --create-students would add {missing}."
            )
        return {enrolment.pk: enrolment for enrolment in roster}

    def _create_student(self, course: Course, number: int) -> Enrolment:
        """A user who cannot log in: no password is set."""
        User = get_user_model()
        lookup: dict[str, Any] = {User.USERNAME_FIELD: SIMULATED_USERNAME.format(number=number)}
        user, created = User.objects.get_or_create(**lookup)
        if created:
            user.set_unusable_password()
            user.save()
        try:
            return enrol(course, user)
        except EnrolmentClosed as error:
            raise CommandError(
                "Only staff enrols students in this course, so none can be created here."
            ) from error

    def _play(
        self, course: Course, roster: dict[int, Enrolment], rng: random.Random, seconds: float
    ) -> None:
        left = self._find_modules_left(course, roster)
        steps = plan_class(rng, {pk: len(left[pk]) for pk in roster}, seconds)
        self.stdout.write(
            f"{course.title}: {len(roster)} students, {len(steps)} modules to complete "
            f"in {seconds / 60:g} minutes. Press Ctrl+C to stop."
        )
        start = time.monotonic()
        for step in steps:
            time.sleep(max(0.0, start + step.at - time.monotonic()))
            module, *left[step.student] = left[step.student]
            self._take(rng, step, roster[step.student], module, left[step.student])
        self.stdout.write(self.style.SUCCESS("Everyone is done: nothing is left to complete."))

    def _find_modules_left(
        self, course: Course, roster: dict[int, Enrolment]
    ) -> dict[int, list[Module]]:
        done = defaultdict(set)
        rows = Progress.objects.filter(enrolment__in=list(roster))
        for enrolment, module in rows.values_list("enrolment_id", "module_id"):
            done[enrolment].add(module)
        modules = list(course.modules.live())
        return {pk: [module for module in modules if module.pk not in done[pk]] for pk in roster}

    def _take(
        self,
        rng: random.Random,
        step: Step,
        enrolment: Enrolment,
        module: Module,
        left: list[Module],
    ) -> None:
        quiz = Quiz.objects.live().filter(module=module).select_related("course", "module").first()
        try:
            what = (
                self._hand_in(rng, enrolment, quiz) if quiz else self._complete(enrolment, module)
            )
        except LiveError as error:
            # The course may change while the class is on; the others go on.
            what = f"could not complete “{module.title}”: {error.message}"
        if rng.random() < ASKING:
            what += self._ask(rng, enrolment, left)
        minutes, seconds = divmod(int(step.at), 60)
        self.stdout.write(f"{minutes:02}:{seconds:02}  {enrolment.display_name} {what}")
        self.stdout.flush()

    def _complete(self, enrolment: Enrolment, module: Module) -> str:
        source = SOURCES[CompletionRule(module.completion_rule)]
        completion = complete_module(enrolment.user, module, source=source)
        verb = "completed" if completion.created else "had already completed"
        return f"{verb} “{module.title}”"

    def _hand_in(self, rng: random.Random, enrolment: Enrolment, quiz: Quiz) -> str:
        """One attempt, and another that knows everything for those who failed."""
        done = take_quiz(rng, enrolment.user, quiz, skill=rng.uniform(*SKILL))
        if done.is_waiting:
            return f"handed in “{quiz}”, which waits to be graded"
        if not done.passed:
            failed = done.percent
            if rng.random() < STUCK:
                return self._give_up(rng, enrolment, quiz)
            done = take_quiz(rng, enrolment.user, quiz, skill=1)
            return f"failed “{quiz}” with {failed} %, then passed it with {done.percent} %"
        return f"passed “{quiz}” with {done.percent} %"

    def _give_up(self, rng: random.Random, enrolment: Enrolment, quiz: Quiz) -> str:
        """More attempts that lead nowhere, as far as the quiz allows them."""
        for _ in range(TRIES - 1):
            take_quiz(rng, enrolment.user, quiz, skill=0)
        return f"failed “{quiz}” {TRIES} times and is stuck"

    def _ask(self, rng: random.Random, enrolment: Enrolment, left: list[Module]) -> str:
        """A question about the next module."""
        if not left:
            return ""
        try:
            ask_for_help(enrolment, Subject(left[0].title, left[0]), rng.choice(QUESTIONS))
        except LiveError:
            return ""  # the course takes no questions
        return f" and asked for help with “{left[0].title}”"
