"""The student's progress: what it shows, what it does, and what moves when something changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Page

from tests import factories
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import actions, exceptions
from wagtail_live_lms.components import CourseProgress
from wagtail_live_lms.components.course_progress import read_record
from wagtail_live_lms.live import Change, Component, Message, NotFound, broadcast
from wagtail_live_lms.models import Course, Enrolment, Module, Progress
from wagtail_live_lms.testing import assert_no_pushes, dispatch_event, mount

pytestmark = pytest.mark.django_db

RULES = ["by_hand", "page_viewed", "quiz_passed", "notebook_finished"]


@pytest.fixture
def course() -> Course:
    return factories.make_course(RULES)


@pytest.fixture
def enrolment(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


@pytest.fixture
def modules(course: Course) -> list[Module]:
    return factories.modules_of(course)


@pytest.fixture
def component(enrolment: Enrolment) -> Component:
    return mount("course_progress", user=enrolment.user, course_id=enrolment.course_id)


def complete_event(enrolment: Enrolment, module: Module, **params: Any) -> Component:
    return dispatch_event(
        "course_progress",
        "complete_module",
        {"module_id": module.pk},
        user=enrolment.user,
        course_id=enrolment.course_id,
        **params,
    )


def row_of(html: str, module: Module) -> Any:
    return element(html, f'//li[@data-module="{module.pk}"]')


class TestWhatItShows:
    def test_percentage_and_count(self, enrolment: Enrolment, modules: list[Module]) -> None:
        factories.complete(enrolment, modules[0])
        html = render_component(enrolment.user, "course_progress", course_id=enrolment.course_id)
        root = element(html, '//section[@data-live-component="course_progress"]')
        assert root.get("data-pct") == "25"
        bar = element(html, "//progress")
        assert (bar.get("value"), bar.get("max")) == ("25", "100")
        assert "1 of 4 modules" in html

    def test_a_finished_module_says_when_and_how(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        actions.complete_module(enrolment.user, modules[2], source="quiz")
        html = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id).html
        row = row_of(html, modules[2])
        assert row.get("data-done") == "true"
        assert "by passing the quiz" in row.text_content()
        assert row.xpath(".//time/@datetime")

    def test_each_rule_says_what_completes_it(
        self, component: Component, modules: list[Module]
    ) -> None:
        words = [row_of(component.html, module).text_content() for module in modules]
        assert "Mark complete" in words[0]
        assert "Complete when you open it" in words[1]
        assert "Complete when you pass its quiz" in words[2]
        assert "Complete when you finish its notebook" in words[3]
        assert not any("Mark complete" in text for text in words[1:])

    def test_an_archived_module_is_not_listed(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        actions.archive_module(modules[0])
        html = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id).html
        assert f'data-module="{modules[0].pk}"' not in html

    def test_a_module_links_to_its_page_once_that_is_published(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        root = factories.site_root()
        shown = factories.make_page(Page(title="Shown", slug="shown"), root)
        draft = factories.make_page(Page(title="Draft", slug="draft", live=False), root)
        Module.objects.filter(pk=modules[0].pk).update(page=shown)
        Module.objects.filter(pk=modules[1].pk).update(page=draft)
        html = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id).html
        assert row_of(html, modules[0]).xpath(".//a/@href") == [shown.get_url()]
        assert row_of(html, modules[1]).xpath(".//a") == []

    @pytest.mark.parametrize("is_multilingual", [False, True])
    def test_the_number_of_queries_is_the_same_for_any_number_of_modules(
        self, is_multilingual: bool, enrolment: Enrolment, settings: Any
    ) -> None:
        settings.WAGTAIL_I18N_ENABLED = is_multilingual
        self.add_pages(enrolment.course, range(2))
        few = self.queries_for(enrolment)
        self.add_pages(enrolment.course, range(2, 12))
        assert self.queries_for(enrolment) == few <= 9

    def add_pages(self, course: Course, numbers: range) -> None:
        for number in numbers:
            page = Page(title=f"P{number}", slug=f"p{number}")
            factories.make_page(page, factories.site_root())
            factories.add_module(course, page=page)
        actions.refresh_course(course)

    def queries_for(self, enrolment: Enrolment) -> int:
        cache.clear()  # where Wagtail keeps the roots of sites
        with CaptureQueriesContext(connection) as queries:
            render_component(enrolment.user, "course_progress", course_id=enrolment.course_id)
        return len(queries)

    def test_titles_are_escaped(self, enrolment: Enrolment) -> None:
        factories.add_module(enrolment.course, title="<script>alert(1)</script>")
        html = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id).html
        assert "<script" not in html

    def test_a_course_without_modules_says_so(self) -> None:
        student = factories.make_student(factories.make_course(0))
        html = mount("course_progress", user=student.user, course_id=student.course_id).html
        assert texts(html, '//*[contains(@class, "live-lms-empty")]') == [
            "This course has no modules yet. They appear here as soon as they are published."
        ]
        assert "<form" not in html

    def test_who_has_finished_is_told_so(self, enrolment: Enrolment, modules: list[Module]) -> None:
        factories.complete(enrolment, *modules)
        html = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id).html
        assert "You have finished the course" in html

    def test_somebody_elses_progress_is_not_shown(
        self, enrolment: Enrolment, component: Component, modules: list[Module]
    ) -> None:
        factories.complete(factories.make_student(enrolment.course), *modules)
        component.load()
        assert 'data-done="true"' not in component.html
        assert 'data-pct="0"' in component.html


class TestOnAModulesPage:
    def test_only_that_module_is_listed_below_the_whole_bar(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        factories.complete(enrolment, modules[0])
        html = mount(
            "course_progress",
            user=enrolment.user,
            course_id=enrolment.course_id,
            module_id=modules[0].pk,
        ).html
        assert len(texts(html, "//li")) == 1
        assert "1 of 4 modules" in html

    def test_opening_the_page_completes_what_viewing_completes(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        params = {"course_id": enrolment.course_id, "module_id": modules[1].pk}
        html = mount("course_progress", user=enrolment.user, **params).html
        form = element(html, '//form[contains(@class, "live-lms-viewed")]')
        assert form.get("hx-trigger") == "load, submit"
        assert form.xpath('.//input[@name="module_id"]/@value') == [str(modules[1].pk)]
        after = complete_event(enrolment, modules[1], module_id=modules[1].pk)
        assert "live-lms-viewed" not in after.html

    @pytest.mark.parametrize("place", [0, 2, 3])
    def test_other_rules_are_not_completed_by_opening(
        self, enrolment: Enrolment, modules: list[Module], place: int
    ) -> None:
        params = {"course_id": enrolment.course_id, "module_id": modules[place].pk}
        assert "live-lms-viewed" not in mount("course_progress", user=enrolment.user, **params).html

    def test_a_module_that_waits_is_completed_by_opening_once_its_turn_has_come(self) -> None:
        course = factories.make_course(["by_hand", "page_viewed"], in_order=True)
        enrolment = factories.make_student(course)
        first, second = factories.modules_of(course)
        component = mount(
            "course_progress", user=enrolment.user, course_id=course.pk, module_id=second.pk
        )
        assert "live-lms-viewed" not in component.html
        assert "Opens when the module before it is finished" in component.html
        assert patches_after(component, lambda: factories.complete(enrolment, first)) is None
        component.load()
        assert "live-lms-viewed" in component.html


class TestCompleting:
    def test_it_is_shown_and_said(self, enrolment: Enrolment, modules: list[Module]) -> None:
        done = complete_event(enrolment, modules[0])
        assert row_of(done.html, modules[0]).get("data-done") == "true"
        assert done.notice == "“Module 1” is complete."
        assert done.notice in done.html
        assert Progress.objects.get().source == "page"

    def test_twice_is_once_and_nothing_is_said_again(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        complete_event(enrolment, modules[0])
        with assert_no_pushes():
            again = complete_event(enrolment, modules[0])
        assert again.notice == ""
        assert Progress.objects.count() == 1

    def test_a_module_of_another_course_does_not_exist_here(self, enrolment: Enrolment) -> None:
        other = factories.make_course()
        actions.enrol(other, enrolment.user)
        with pytest.raises(NotFound):
            complete_event(enrolment, factories.modules_of(other)[0])
        assert not Progress.objects.exists()

    @pytest.mark.parametrize("place", [2, 3])
    def test_what_a_quiz_or_notebook_completes_is_refused(
        self, enrolment: Enrolment, modules: list[Module], place: int
    ) -> None:
        with pytest.raises(exceptions.WrongCompletionRule):
            complete_event(enrolment, modules[place])

    def test_an_archived_module_is_refused(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        actions.archive_module(modules[0])
        with pytest.raises(exceptions.ModuleArchived):
            complete_event(enrolment, modules[0])

    def test_a_module_before_its_turn_is_refused_and_offers_no_button(self) -> None:
        course = factories.make_course(2, in_order=True)
        enrolment = factories.make_student(course)
        first, second = factories.modules_of(course)
        html = mount("course_progress", user=enrolment.user, course_id=course.pk).html
        assert "Mark complete" in row_of(html, first).text_content()
        assert "Mark complete" not in row_of(html, second).text_content()
        with pytest.raises(exceptions.NotInOrder):
            complete_event(enrolment, second)


class TestWhatMoves:
    def test_only_the_head_and_the_module_that_was_completed(
        self, enrolment: Enrolment, component: Component, modules: list[Module]
    ) -> None:
        patches = patches_after(component, lambda: factories.complete(enrolment, modules[1]))
        root = component.element_id
        assert ids_of(patches) == [f"{root}-head", f"{root}-module-{modules[1].pk}"]
        assert patches is not None
        assert 'data-live-root-pct="25"' in str(patches[0].html)
        assert 'data-done="true"' in str(patches[1].html)
        assert all(patch.for_all for patch in patches)

    def test_in_order_the_next_module_opens_too(self) -> None:
        course = factories.make_course(3, in_order=True)
        enrolment = factories.make_student(course)
        first, second, _ = factories.modules_of(course)
        component = mount("course_progress", user=enrolment.user, course_id=course.pk)
        patches = patches_after(component, lambda: factories.complete(enrolment, first))
        root = component.element_id
        assert ids_of(patches)[1:] == [f"{root}-module-{m.pk}" for m in (first, second)]
        assert "Mark complete" in str(patches[2].html) if patches else False

    def test_a_completion_that_was_taken_back(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        factories.complete(enrolment, modules[0])
        component = mount("course_progress", user=enrolment.user, course_id=enrolment.course_id)

        def reset() -> None:
            staff = factories.make_superuser()
            actions.reset_module(enrolment, modules[0], by=staff, reason="A test")

        patches = patches_after(component, reset)
        assert patches is not None
        assert 'data-done="false"' in str(patches[1].html)
        assert "Mark complete" in str(patches[1].html)

    def test_on_a_modules_page_other_modules_move_only_the_head(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        component = mount(
            "course_progress",
            user=enrolment.user,
            course_id=enrolment.course_id,
            module_id=modules[0].pk,
        )
        patches = patches_after(component, lambda: factories.complete(enrolment, modules[2]))
        assert ids_of(patches) == [f"{component.element_id}-head"]

    def test_another_course_of_the_same_person_moves_nothing(
        self, enrolment: Enrolment, component: Component
    ) -> None:
        other = actions.enrol(factories.make_course(), enrolment.user)
        first = factories.modules_of(other.course)[0]
        assert patches_after(component, lambda: factories.complete(other, first)) == []

    def test_changed_modules_take_a_snapshot(
        self, component: Component, modules: list[Module]
    ) -> None:
        assert patches_after(component, lambda: actions.archive_module(modules[0])) is None

    def test_changed_rights_and_unknown_kinds_move_nothing(
        self, enrolment: Enrolment, component: Component
    ) -> None:
        topic = f"student-{enrolment.user_id}"

        def say() -> None:
            actions.recheck_access([enrolment.user_id])
            broadcast(topic, Change("grade", 7))

        assert patches_after(component, say) == []

    def test_handling_a_message_reads_nothing(
        self,
        enrolment: Enrolment,
        component: Component,
        modules: list[Module],
        django_assert_num_queries: Any,
    ) -> None:
        factories.complete(enrolment, modules[0])
        topic = f"student-{enrolment.user_id}"
        with django_assert_num_queries(3):
            records = CourseProgress.load_changes(topic, "enrolment", [enrolment.pk])
        message = Message(topic, 1, "enrolment", enrolment.pk, records[enrolment.pk])
        with django_assert_num_queries(0):
            assert all(fragment.html() for fragment in component.on_ws_message(message))

    def test_pushed_html_equals_what_a_reload_shows(
        self, enrolment: Enrolment, component: Component, modules: list[Module]
    ) -> None:
        patches = patches_after(component, lambda: factories.complete(enrolment, modules[0]))
        component.load()
        assert patches is not None
        for patch in patches:
            assert str(patch.html).strip() in component.html

    def test_it_speaks_the_pages_language(
        self, enrolment: Enrolment, component: Component, modules: list[Module]
    ) -> None:
        patches = patches_after(
            component, lambda: factories.complete(enrolment, modules[0]), language="de"
        )
        assert patches is not None
        row = str(patches[1].html).strip()
        component.load()
        with translation.override("de"):
            assert row in component.html
        assert row not in component.html


class TestReadingARecord:
    def test_completions_are_never_newer_than_the_row_they_are_shown_with(
        self, enrolment: Enrolment, modules: list[Module]
    ) -> None:
        stale = Enrolment.objects.get(pk=enrolment.pk)
        factories.complete(enrolment, modules[0])
        record = read_record(stale)
        assert record.enrolment.version == enrolment.version
        assert list(record.progress) == [modules[0].pk]

    def test_a_deleted_enrolment_is_read_as_it_was(self, enrolment: Enrolment) -> None:
        Enrolment.objects.filter(pk=enrolment.pk).delete()
        assert read_record(enrolment).enrolment is enrolment
