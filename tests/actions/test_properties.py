"""After any sequence of actions the summaries equal a count from scratch."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import ModuleArchived, NotEnrolled
from wagtail_live_lms.models import CourseTotals, Enrolment, Module, Progress, percentage

STUDENTS = 3
INDEX = st.integers(min_value=0, max_value=11)


class CourseMachine(RuleBasedStateMachine):
    """A course, three people, and what an attentive person would remember of them."""

    def __init__(self) -> None:
        super().__init__()
        self.course = factories.make_course(2)
        self.users = [factories.make_user() for _ in range(STUDENTS)]
        self.staff = factories.make_superuser()
        self.enrolled: set[int] = set()
        self.earned: dict[int, set[int]] = {user.pk: set() for user in self.users}
        self.versions: dict[int, int] = {}

    @rule(who=INDEX)
    def enrol(self, who: int) -> None:
        user = self.user(who)
        actions.enrol(self.course, user)
        self.enrolled.add(user.pk)

    @rule(who=INDEX)
    def withdraw(self, who: int) -> None:
        user = self.user(who)
        for enrolment in Enrolment.objects.filter(course=self.course, user=user):
            actions.withdraw(enrolment)
        self.enrolled.discard(user.pk)

    @rule(who=INDEX, which=INDEX, source=st.sampled_from(["page", "staff"]))
    def complete(self, who: int, which: int, source: str) -> None:
        user, module = self.user(who), self.module(which)
        earned = self.earned[user.pk]
        try:
            done = actions.complete_module(user, module, source=source)
        except NotEnrolled:
            assert user.pk not in self.enrolled
        except ModuleArchived:
            assert module.archived
            assert module.pk not in earned
        else:
            assert user.pk in self.enrolled
            assert done.created == (module.pk not in earned)
            earned.add(module.pk)

    @rule(who=INDEX, which=INDEX)
    def reset(self, who: int, which: int) -> None:
        user, module = self.user(who), self.module(which)
        enrolment = Enrolment.objects.filter(course=self.course, user=user).first()
        if enrolment is not None:
            earned = self.earned[user.pk]
            was_there = actions.reset_module(enrolment, module, by=self.staff, reason="Again")
            assert was_there == (module.pk in earned)
            earned.discard(module.pk)

    @rule()
    def add_module(self) -> None:
        factories.add_module(self.course)
        actions.refresh_course(self.course)

    @rule(which=INDEX)
    def archive(self, which: int) -> None:
        actions.archive_module(self.module(which))

    @rule(which=INDEX)
    def restore(self, which: int) -> None:
        actions.restore_module(self.module(which))

    @rule(rng=st.randoms(use_true_random=False))
    def reorder(self, rng: Any) -> None:
        order = [module.pk for module in factories.modules_of(self.course)]
        rng.shuffle(order)
        actions.reorder_modules(self.course, order)
        assert [module.pk for module in factories.modules_of(self.course)] == order

    @rule(who=INDEX)
    def delete_account(self, who: int) -> None:
        place = who % STUDENTS
        gone = self.users[place]
        self.earned.pop(gone.pk)
        self.enrolled.discard(gone.pk)
        gone.delete()
        self.users[place] = factories.make_user()
        self.earned[self.users[place].pk] = set()

    @invariant()
    def nothing_earned_is_lost(self) -> None:
        stored: dict[int, set[int]] = {user.pk: set() for user in self.users}
        rows = Progress.objects.filter(enrolment__course=self.course)
        for user_id, module_id in rows.values_list("enrolment__user", "module"):
            stored[user_id].add(module_id)
        assert stored == self.earned

    @invariant()
    def every_summary_row_equals_a_count_from_scratch(self) -> None:
        live = self.live_modules()
        for row in Enrolment.objects.filter(course=self.course):
            count = len(self.earned[row.user_id] & live)
            assert (row.completed_count, row.percent) == (count, percentage(count, len(live)))
            assert 0 <= row.percent <= 100
            assert row.is_finished == (bool(live) and count == len(live))

    @invariant()
    def the_totals_equal_a_count_from_scratch(self) -> None:
        live = self.live_modules()
        percents = [
            percentage(len(self.earned[user_id] & live), len(live)) for user_id in self.enrolled
        ]
        totals = CourseTotals.objects.get(course=self.course)
        assert totals.student_count == len(self.enrolled)
        assert totals.percent_sum == sum(percents)
        assert totals.finished_count == percents.count(100)
        assert totals.module_count == len(live)
        assert 0 <= totals.average_percent <= 100

    @invariant()
    def versions_never_decrease(self) -> None:
        for pk, version in Enrolment.objects.values_list("pk", "version"):
            assert version >= self.versions.get(pk, 0)
            self.versions[pk] = version

    def teardown(self) -> None:
        assert actions.recount_course(self.course) == []

    def user(self, who: int) -> Any:
        return self.users[who % STUDENTS]

    def module(self, which: int) -> Module:
        modules = factories.modules_of(self.course)
        return modules[which % len(modules)]

    def live_modules(self) -> set[int]:
        return {module.pk for module in factories.modules_of(self.course) if not module.archived}


@pytest.mark.django_db
def test_summaries_are_true_after_any_sequence_of_actions() -> None:
    run_state_machine_as_test(
        CourseMachine,
        settings=settings(
            max_examples=15,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@given(completed=st.integers(0, 10_000), modules=st.integers(0, 10_000))
def test_a_percentage_is_between_0_and_100_and_100_means_all(completed: int, modules: int) -> None:
    percent = percentage(completed, modules)
    assert 0 <= percent <= 100
    assert (percent == 100) == (0 < modules <= completed)
