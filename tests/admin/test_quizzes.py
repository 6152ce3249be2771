"""Quizzes in the admin, through the real pages and forms."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.log_actions import registry as log_registry
from wagtail.models import GroupApprovalTask, Workflow, WorkflowContentType, WorkflowTask

from tests import factories
from tests.factories import items, make_course, make_quiz, question, single_choice
from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, Module, Quiz, Submission, read_paper

from .conftest import EditorClient, course_url, text_of
from .quiz_forms import fill, quiz_url, rendered, save

pytestmark = pytest.mark.django_db

OF_WAGTAIL = re.compile("_revision|_workflowstate")
"""Wagtail's column with the state asks for each row's schedule and workflow."""

NO_ANSWER = "Say which answer is right"
TWICE = "is there twice"


@pytest.fixture
def course() -> Course:
    return make_course(["quiz_passed", "by_hand"], title="Knots")


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A draft without mistakes."""
    return make_quiz(course, title="Bends", live=False)


@pytest.fixture
def mistaken(course: Course) -> Quiz:
    """A draft whose second question has no right answer, and the first one twice the same."""
    return make_quiz(course, mistaken_questions(), title="Hitches", live=False)


def mistaken_questions() -> list[dict[str, Any]]:
    twice = items({"text": "A", "correct": True}, {"text": "B"}, {"text": "B"})
    none = items({"text": "A"}, {"text": "B"})
    return [
        question("single_choice", "q1", choices=twice),
        question("single_choice", "q2", choices=none),
    ]


def latest(quiz: Quiz) -> Quiz:
    return Quiz.objects.get(pk=quiz.pk).get_latest_revision_as_object()


def logged(instance: Any) -> list[str]:
    entries = log_registry.get_logs_for_instance(instance).order_by("timestamp", "pk")
    return [entry.action for entry in entries]


class TestList:
    def test_it_shows_what_a_quiz_is_worth_and_how_often_it_was_taken(
        self, superuser: Client, course: Course
    ) -> None:
        text = question("information", "i1")
        del text["value"]["points"]
        quiz = make_quiz(course, [single_choice("q1", points="2.5"), text, single_choice("q2")])
        for _ in range(3):
            actions.start_attempt(factories.make_student(course).user, quiz)
        row = row_of(superuser.get(quiz_url("list")), quiz)
        assert row[1:5] == ["Knots", "2", "3.5", "3"]
        assert row[-1] == "live"

    def test_it_can_be_narrowed_to_a_course_and_a_state(
        self, superuser: Client, quiz: Quiz, course: Course
    ) -> None:
        other = make_quiz(title="Elsewhere")
        shown = text_of(superuser.get(quiz_url("list"), {"course": course.pk}))
        assert (quiz.title in shown, other.title in shown) == (True, False)
        shown = text_of(superuser.get(quiz_url("list"), {"live": "True"}))
        assert (quiz.title in shown, other.title in shown) == (False, True)
        shown = text_of(superuser.get(quiz_url("list"), {"q": "elsew"}))
        assert (quiz.title in shown, other.title in shown) == (False, True)

    @pytest.mark.parametrize("order", ["title", "-course__title", "attempts", "-attempts"])
    def test_it_can_be_sorted(self, superuser: Client, quiz: Quiz, order: str) -> None:
        assert superuser.get(quiz_url("list"), {"ordering": order}).status_code == 200

    def test_a_row_takes_no_query_of_ours(self, superuser: Client, course: Course) -> None:
        def statements() -> list[str]:
            with CaptureQueriesContext(connection) as queries:
                superuser.get(quiz_url("list"))
            return [sql for query in queries if not OF_WAGTAIL.search(sql := query["sql"])]

        make_quiz(course)
        before = len(statements())
        for _ in range(10):
            make_quiz(course)
        assert len(statements()) == before

    def test_a_course_leads_to_its_quizzes_and_keeps_itself(
        self, superuser: Client, course: Course
    ) -> None:
        page = superuser.get(course_url("list")).content.decode()
        assert f"{quiz_url('list')}?course={course.pk}" in page
        page = superuser.get(quiz_url("list"), {"course": course.pk}).content.decode()
        assert f"{quiz_url('add')}?course={course.pk}" in page
        form = superuser.get(quiz_url("add"), {"course": course.pk})
        assert rendered(form)["course"] == str(course.pk)

    @pytest.mark.parametrize("course", ["x", "1x", "", "-1"])
    def test_nonsense_is_no_course(self, superuser: Client, course: str) -> None:
        assert superuser.get(quiz_url("add"), {"course": course}).status_code == 200
        assert superuser.get(quiz_url("list"), {"course": course}).status_code == 200

    def test_it_is_for_those_with_a_permission(self, editor: EditorClient, quiz: Quiz) -> None:
        assert editor("view_quiz").get(quiz_url("list")).status_code == 200
        assert editor("change_course").get(quiz_url("list")).status_code == 302


def row_of(response: Any, quiz: Quiz) -> list[str]:
    """The text of each cell of a quiz's row."""
    page = BeautifulSoup(response.content, "html.parser")
    link = page.find("a", href=quiz_url("edit", quiz.pk))
    assert link is not None
    row = link.find_parent("tr")
    assert row is not None
    return [" ".join(cell.get_text().split()) for cell in row.find_all("td")]


class TestCreating:
    def test_the_rendered_form_makes_a_draft(self, superuser: Client, course: Course) -> None:
        form = rendered(superuser.get(quiz_url("add"), {"course": course.pk}))
        response = superuser.post(quiz_url("add"), fill(form, title="Splices"))
        assert response.status_code == 302, response.content.decode()
        quiz = Quiz.objects.get(title="Splices")
        assert (quiz.live, quiz.course) == (False, course)
        assert logged(quiz) == ["wagtail.create"]

    def test_an_empty_quiz_is_not_published(self, superuser: Client, course: Course) -> None:
        form = rendered(superuser.get(quiz_url("add"), {"course": course.pk}))
        data = fill(form, title="Splices", **{"action-publish": "1"})
        response = superuser.post(quiz_url("add"), data)
        assert "Add a question" in text_of(response)
        assert not Quiz.objects.exists()

    def test_a_copy_asks_other_questions(self, superuser: Client, quiz: Quiz) -> None:
        form = rendered(superuser.get(quiz_url("copy", quiz.pk)))
        assert superuser.post(quiz_url("add"), fill(form, title="Again")).status_code == 302
        copy = Quiz.objects.get(title="Again")
        assert copy.course == quiz.course
        assert texts(copy) == texts(quiz)
        assert ids(copy.question_data).isdisjoint(ids(quiz.question_data))


def without_keys(question: Any) -> Any:
    """A question without the keys and paragraphs that the editor gives every text."""
    text = re.sub(r' data-block-key=\\"\w+\\"', "", question.model_dump_json())
    choices = re.sub(r'"<p>([^<]*)</p>"', r'"\1"', text)
    return json.loads(choices)


def texts(quiz: Quiz) -> list[str]:
    return [child.value["text"].source.split(">")[1].split("<")[0] for child in quiz.questions]


def ids(value: Any) -> set[str]:
    match value:
        case dict():
            own = {value["id"]} if "id" in value else set()
            return own.union(*(ids(inner) for inner in value.values()))
        case list():
            return set().union(*(ids(inner) for inner in value))
    return set()


class TestDrafts:
    def test_saving_what_was_rendered_changes_nothing(self, superuser: Client, quiz: Quiz) -> None:
        before = quiz.question_data
        assert save(superuser, quiz).status_code == 302
        after = latest(quiz).question_data
        assert [without_keys(question) for question in read_paper(after).questions] == [
            without_keys(question) for question in read_paper(before).questions
        ]

    def test_a_draft_with_mistakes_is_saved(self, superuser: Client, mistaken: Quiz) -> None:
        assert save(superuser, mistaken, title="Still a draft").status_code == 302
        assert latest(mistaken).title == "Still a draft"

    def test_an_unfinished_question_is_saved(self, superuser: Client, quiz: Quiz) -> None:
        changes = {
            "questions-0-value-text": "null",
            "questions-0-value-points": "",
            "questions-0-value-choices-0-value-text": "null",
        }
        assert save(superuser, quiz, **changes).status_code == 302
        page = text_of(superuser.get(quiz_url("edit", quiz.pk)))
        assert page.count("This field is required.") >= 3

    def test_an_autosave_renews_the_check(self, superuser: Client, mistaken: Quiz) -> None:
        form = rendered(superuser.get(quiz_url("edit", mistaken.pk)))
        data = fill(form, **{"questions-1-value-choices-0-value-correct": "on"})
        url = quiz_url("edit", mistaken.pk)
        response = superuser.post(url, data, headers={"accept": "application/json"})
        assert response.json()["success"] is True
        html = response.json()["html"]
        assert "#live-lms-quiz-check" in html
        assert (NO_ANSWER in html, TWICE in html) == (False, True)


class TestCheck:
    def test_the_form_tells_errors_and_warnings_with_links(
        self, superuser: Client, mistaken: Quiz
    ) -> None:
        page = superuser.get(quiz_url("edit", mistaken.pk)).content.decode()
        assert NO_ANSWER in page
        assert TWICE in page
        assert 'href="#block-q2-section"' in page
        assert 'data-live-lms-note="q1" data-error="false"' in page
        assert 'data-live-lms-note="q2" data-error="true"' in page

    def test_a_quiz_without_mistakes_can_be_published(self, superuser: Client, quiz: Quiz) -> None:
        assert "Nothing found" in text_of(superuser.get(quiz_url("edit", quiz.pk)))

    def test_rules_are_checked_too(self, superuser: Client, quiz: Quiz) -> None:
        now = timezone.now()
        Quiz.objects.filter(pk=quiz.pk).update(
            time_limit=60, opens_at=now, closes_at=now + timedelta(minutes=30)
        )
        page = superuser.get(quiz_url("edit", quiz.pk)).content.decode()
        assert "shorter time than an attempt may take" in page
        assert 'href="#tab-rules"' in page


class TestPublishing:
    def test_a_quiz_without_errors_is_published(self, superuser: Client, quiz: Quiz) -> None:
        response = save(superuser, quiz, "publish")
        assert response.status_code == 302, text_of(response)
        quiz.refresh_from_db()
        assert quiz.live
        assert logged(quiz)[-1] == "wagtail.publish"

    def test_an_error_stands_beside_its_question(self, superuser: Client, mistaken: Quiz) -> None:
        response = save(superuser, mistaken, "publish")
        assert response.status_code == 200
        errors = response.context["form"].errors.as_data()["questions"][0]
        assert errors.as_json_data() == {
            "blockErrors": {
                1: {"blockErrors": {"choices": {"messages": [error_text(errors, 1, "choices")]}}}
            }
        }
        assert error_text(errors, 1, "choices").startswith(NO_ANSWER)
        mistaken.refresh_from_db()
        assert not mistaken.live

    def test_warnings_do_not_hold_it_up(self, superuser: Client, mistaken: Quiz) -> None:
        changes = {"questions-1-value-choices-0-value-correct": "on"}
        assert save(superuser, mistaken, "publish", **changes).status_code == 302
        mistaken.refresh_from_db()
        assert mistaken.live

    def test_an_error_in_a_row_stands_in_the_row(self, superuser: Client, course: Course) -> None:
        answers = items({"text": "a"}, {"text": "*"})
        quiz = make_quiz(
            course,
            [question("short_text", "q1", answers=answers, wildcards=True)],
            live=False,
        )
        errors = save(superuser, quiz, "publish").context["form"].errors.as_data()["questions"][0]
        rows = errors.as_json_data()["blockErrors"][0]["blockErrors"]["answers"]["blockErrors"]
        assert list(rows) == [1]
        assert list(rows[1]["blockErrors"]) == ["text"]

    def test_an_error_of_the_rules_stands_beside_the_rule(
        self, superuser: Client, quiz: Quiz
    ) -> None:
        changes = {
            "time_limit": "60",
            "opens_at": "2030-01-01 10:00",
            "closes_at": "2030-01-01 10:30",
        }
        response = save(superuser, quiz, "publish", **changes)
        assert list(response.context["form"].errors) == ["closes_at"]

    def test_what_was_published_stays_when_a_draft_of_it_is_wrong(
        self, superuser: Client, quiz: Quiz
    ) -> None:
        save(superuser, quiz, "publish")
        untick = {"questions-0-value-choices-0-value-correct": None}
        assert save(superuser, quiz, **untick).status_code == 302
        assert save(superuser, quiz, "publish").status_code == 200
        published = Quiz.objects.get(pk=quiz.pk)
        assert published.has_unpublished_changes
        assert published.question_data[0]["value"]["choices"][0]["value"]["correct"] is True

    def test_a_schedule_is_checked_when_it_is_made(
        self, superuser: Client, quiz: Quiz, mistaken: Quiz
    ) -> None:
        soon = f"{timezone.now() + timedelta(days=1):%Y-%m-%d %H:%M}"
        assert save(superuser, mistaken, "publish", go_live_at=soon).status_code == 200
        assert save(superuser, quiz, "publish", go_live_at=soon).status_code == 302
        assert latest(mistaken).scheduled_revision is None
        scheduled = Quiz.objects.get(pk=quiz.pk).scheduled_revision
        past = timezone.now() - timedelta(minutes=1)
        scheduled.approved_go_live_at, scheduled.content["go_live_at"] = past, past.isoformat()
        scheduled.save()
        call_command("publish_scheduled")
        assert Quiz.objects.get(pk=quiz.pk).live

    def test_no_way_round_the_form_publishes_errors(self, mistaken: Quiz) -> None:
        revision = mistaken.save_revision()
        with pytest.raises(ValidationError, match="has errors"):
            revision.publish()
        assert not Quiz.objects.get(pk=mistaken.pk).live


def error_text(errors: Any, index: int, field: str) -> str:
    found = errors.block_errors[index].block_errors[field].as_json_data()["messages"][0]
    return str(found)


class TestWorkflow:
    @pytest.fixture
    def workflow(self) -> Workflow:
        group = Group.objects.create(name="Reviewers of quizzes")
        task = GroupApprovalTask.objects.create(name="Review")
        task.groups.add(group)
        workflow = Workflow.objects.create(name="Quizzes")
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
        quizzes = ContentType.objects.get_for_model(Quiz)
        WorkflowContentType.objects.create(workflow=workflow, content_type=quizzes)
        return workflow

    def test_errors_are_not_submitted(
        self, superuser: Client, workflow: Workflow, mistaken: Quiz
    ) -> None:
        assert save(superuser, mistaken, "submit").status_code == 200
        assert not latest(mistaken).workflow_in_progress

    def test_errors_are_not_approved_from_a_report(
        self, superuser: Client, workflow: Workflow, quiz: Quiz
    ) -> None:
        assert save(superuser, quiz, "submit").status_code == 302
        untick = {"questions-0-value-choices-0-value-correct": None}
        assert save(superuser, quiz, **untick).status_code == 302
        state = Quiz.objects.get(pk=quiz.pk).current_workflow_task_state
        url = quiz_url("workflow_action", quiz.pk, "approve", state.pk)
        page = superuser.post(url, {"comment": ""}, follow=True)
        assert "has errors and cannot be published" in text_of(page)
        quiz.refresh_from_db()
        assert (quiz.live, quiz.workflow_in_progress) == (False, True)
        modal = superuser.post(url, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
        assert modal.json()["redirect"] == quiz_url("edit", quiz.pk)

    def test_errors_can_be_sent_back_but_not_approved(
        self, superuser: Client, workflow: Workflow, quiz: Quiz
    ) -> None:
        save(superuser, quiz, "submit")
        untick = {"questions-0-value-choices-0-value-correct": None}
        approve = {"workflow-action-name": "approve", **untick}
        assert save(superuser, quiz, "workflow-action", **approve).status_code == 200
        reject = {"workflow-action-name": "reject", **untick}
        assert save(superuser, quiz, "workflow-action", **reject).status_code == 302
        assert latest(quiz).current_workflow_state.status == "needs_changes"

    def test_a_quiz_without_errors_is_approved(
        self, superuser: Client, workflow: Workflow, quiz: Quiz
    ) -> None:
        save(superuser, quiz, "submit")
        approve = {"workflow-action-name": "approve"}
        assert save(superuser, quiz, "workflow-action", **approve).status_code == 302
        assert Quiz.objects.get(pk=quiz.pk).live


class TestModules:
    def test_a_quiz_completes_a_module_of_its_course(
        self, superuser: Client, quiz: Quiz, course: Course
    ) -> None:
        by_quiz, by_hand = Module.objects.filter(course=course)
        assert save(superuser, quiz, module=by_quiz.pk).status_code == 302
        assert latest(quiz).module == by_quiz
        response = save(superuser, quiz, module=by_hand.pk)
        assert "Set this module" in text_of(response)
        elsewhere = Module.objects.filter(course=make_course(["quiz_passed"])).get()
        response = save(superuser, quiz, module=elsewhere.pk)
        assert "Choose a module of the quiz" in text_of(response)

    def test_the_chooser_offers_only_what_a_quiz_can_complete(
        self, superuser: Client, course: Course
    ) -> None:
        other = make_course(["quiz_passed"], title="Elsewhere")
        url = "/admin/live-lms/modules/"
        shown = superuser.get(url).content.decode()
        assert ("Module 1" in shown, "Module 2" in shown, "Elsewhere" in shown) == (
            True,
            False,
            True,
        )
        shown = superuser.get(url, {"course": course.pk}).content.decode()
        assert ("Module 1" in shown, other.title in shown) == (True, False)
        assert superuser.get(url, {"course": "nonsense"}).status_code == 200

    def test_the_chooser_is_for_those_who_write_quizzes(self, editor: EditorClient) -> None:
        url = "/admin/live-lms/modules/"
        assert editor("change_quiz").get(url).status_code == 200
        assert editor("change_course").get(url).status_code != 200


class TestDeleting:
    def test_an_unused_quiz_is_deleted(self, superuser: Client, quiz: Quiz) -> None:
        assert superuser.post(quiz_url("delete", quiz.pk)).status_code == 302
        assert not Quiz.objects.exists()

    def test_one_with_attempts_is_kept_with_advice(self, superuser: Client, course: Course) -> None:
        quiz = make_quiz(course, title="Bends")
        actions.start_attempt(factories.make_student(course).user, quiz)
        for send in (superuser.get, superuser.post):
            page = text_of(send(quiz_url("delete", quiz.pk), follow=True))
            assert "“Bends” has 1 attempt, so it cannot be deleted. Unpublish it" in page
        assert Quiz.objects.filter(pk=quiz.pk).exists()

    def test_so_is_its_course(self, superuser: Client, course: Course) -> None:
        quiz = make_quiz(course)
        actions.start_attempt(factories.make_student(course).user, quiz)
        for send in (superuser.get, superuser.post):
            page = text_of(send(course_url("delete", course.pk), follow=True))
            assert "“Knots” has a quiz with 1 attempt" in page
        assert Submission.objects.exists()

    def test_other_snippets_are_none_of_its_business(
        self, superuser: Client, course: Course
    ) -> None:
        assert superuser.post(course_url("delete", course.pk)).status_code == 302
        assert not Course.objects.exists()


class TestLookingAndHistory:
    def test_those_who_may_only_look_see_the_questions(
        self, editor: EditorClient, quiz: Quiz
    ) -> None:
        page = text_of(editor("view_quiz").get(quiz_url("inspect", quiz.pk)))
        assert "1. Question q1" in page
        assert "2. Question q2" in page

    @pytest.mark.parametrize("view", ["history", "usage", "inspect"])
    def test_every_page_about_a_quiz_opens(self, superuser: Client, quiz: Quiz, view: str) -> None:
        save(superuser, quiz)
        assert superuser.get(quiz_url(view, quiz.pk)).status_code == 200

    def test_an_old_version_can_be_brought_back(self, superuser: Client, quiz: Quiz) -> None:
        save(superuser, quiz, title="First")
        first = latest(quiz).latest_revision
        save(superuser, quiz, title="Second")
        url = quiz_url("revisions_revert", quiz.pk, first.pk)
        assert superuser.post(url, rendered(superuser.get(url))).status_code == 302
        assert latest(quiz).title == "First"

    def test_versions_can_be_compared(self, superuser: Client, quiz: Quiz) -> None:
        save(superuser, quiz)
        save(superuser, quiz, **{"questions-0-value-points": "3"})
        url = quiz_url("revisions_compare", quiz.pk, "earliest", "latest")
        assert superuser.get(url).status_code == 200
