"""`load_demo_course` builds a course to look at, and never takes anything away."""

from __future__ import annotations

import io
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, TestCase
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from example_site.bootcamp.content.reader import read_lessons
from example_site.bootcamp.demo.notebooks import read_practices
from example_site.bootcamp.demo.people import PASSWORD, STUDENT_NAMES
from example_site.bootcamp.models import BootcampHomePage, BootcampLessonPage
from wagtail_live_lms.actions import recount_course, recount_standings, withdraw
from wagtail_live_lms.grading import lint_quiz
from wagtail_live_lms.models import (
    Course,
    Enrolment,
    Module,
    NotebookLesson,
    Progress,
    Quiz,
    Submission,
    read_paper,
)

PRACTICES = read_practices()
LESSONS = len(read_lessons()) + len(PRACTICES)


def load() -> str:
    printed = io.StringIO()
    call_command("load_demo_course", stdout=printed)
    return printed.getvalue()


def log_in(username: str) -> Client:
    client = Client()
    assert client.login(username=username, password=PASSWORD)
    return client


def snapshot() -> dict[str, Any]:
    return {
        "users": sorted(get_user_model().objects.values_list("pk", "username", "password")),
        "pages": sorted(Page.objects.values_list("pk", "title", "latest_revision_id")),
        "images": get_image_model().objects.count(),
        "enrolments": sorted(Enrolment.objects.values_list("pk", "percent", "version")),
        "attempts": sorted(Submission.objects.values_list("pk", "percent", "ended_at")),
        "modules": sorted(Module.objects.values_list("pk", "title", "sort_order")),
        "progress": sorted(Progress.objects.values_list("pk", "module_id", "completed_at")),
    }


class TestDemoCourse(TestCase):
    """One load for all: it takes seconds."""

    @classmethod
    def setUpTestData(cls) -> None:
        load()
        cls.course = Course.objects.get(slug="python-bootcamp")

    def test_every_lesson_is_a_page_and_a_module(self) -> None:
        pages = BootcampLessonPage.objects.live().order_by("path")
        assert pages.count() == LESSONS
        assert [module.page_id for module in self.course.modules.all()] == [
            page.pk for page in pages
        ]
        assert {module.completion_rule for module in self.course.modules.all()} == {
            "by_hand",
            "page_viewed",
            "quiz_passed",
            "notebook_finished",
        }

    def test_practice_follows_the_lesson_it_is_about(self) -> None:
        modules = list(self.course.modules.select_related("page"))
        slugs = [module.page.slug for module in modules]
        for practice in PRACTICES:
            assert slugs.index(practice.slug) == slugs.index(practice.after) + 1

    def test_a_course_of_an_earlier_version_gets_what_is_missing(self) -> None:
        module = Module.objects.get(title=PRACTICES[0].title)
        Progress.objects.filter(module=module).delete()
        Page.objects.get(pk=module.page_id).delete()
        NotebookLesson.objects.filter(module=module).delete()
        module.delete()
        load()
        self.test_practice_follows_the_lesson_it_is_about()
        assert recount_course(self.course) == []

    def test_the_class_is_under_way_and_its_summaries_are_true(self) -> None:
        enrolments = Enrolment.objects.filter(course=self.course)
        assert enrolments.count() == len(STUDENT_NAMES) == 30
        assert {0, 100} < set(enrolments.values_list("percent", flat=True))
        assert not enrolments.active_now().exists()
        assert recount_course(self.course) == []
        assert recount_standings(self.course) == []

    def test_its_quizzes_would_pass_the_editors_checks(self) -> None:
        quizzes = list(Quiz.objects.live())
        assert len(quizzes) == 3
        for quiz in quizzes:
            paper = read_paper(quiz.question_data)
            limit = quiz.time_limit * 60 if quiz.time_limit else None
            assert lint_quiz(paper.questions, quiz.pass_mark, limit, None, None) == []
            assert quiz.module.completion_rule == "quiz_passed"
            assert Submission.objects.graded().filter(quiz=quiz, passed=True).exists()

    def test_loading_again_changes_nothing(self) -> None:
        withdraw(Enrolment.objects.filter(course=self.course, completed_count=2).first())
        BootcampHomePage.objects.update(title="Renamed by an editor")
        before = snapshot()
        assert "kept as it is" in load()
        assert snapshot() == before

    def test_the_front_page_takes_the_place_of_the_welcome_page(self) -> None:
        assert Site.objects.get(is_default_site=True).root_page.specific_class is BootcampHomePage
        assert Page.objects.filter(depth=2).count() == 1

    def test_pages_hold_a_strict_policy(self) -> None:
        for path in ("/", "/python-bootcamp/", "/accounts/login/"):
            with self.subTest(path=path):
                response = Client().get(path)
                assert response.status_code == 200
                policy = response.headers["Content-Security-Policy"]
                assert "script-src 'self'" in policy
                assert "unsafe" not in policy
                assert b"style=" not in response.content

    def test_all_lessons_can_be_read_one_after_the_other(self) -> None:
        client = log_in("student1")
        seen, page = 0, BootcampLessonPage.objects.order_by("path").first()
        while page:
            response = client.get(page.url)
            assert response.status_code == 200
            seen, page = seen + 1, response.context_data["next"]
        assert seen == LESSONS

    def test_only_instructors_see_the_dashboard(self) -> None:
        path = "/python-bootcamp/dashboard/"
        assert (
            b'data-live-component="instructor_dashboard"' in log_in("instructor").get(path).content
        )
        for client in (Client(), log_in("student1"), log_in("editor")):
            content = client.get(path).content
            assert b"for the instructors of the course" in content
            assert STUDENT_NAMES[1].encode() not in content

    def test_an_editor_can_open_the_course_page_in_the_admin(self) -> None:
        page = Page.objects.get(slug="python-bootcamp")
        assert log_in("editor").get(f"/admin/pages/{page.pk}/edit/").status_code == 200

    def test_text_in_another_language_than_the_site_is_marked(self) -> None:
        content = (
            Client(headers={"accept-language": "ar"}).get("/python-bootcamp/").content.decode()
        )
        assert '<html lang="ar" dir="rtl">' in content
        assert '<bdi lang="en" dir="ltr">Python bootcamp</bdi>' in content
