"""Pages whose HTML is shared, and pages that not everybody may see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from wagtail.models import PageViewRestriction

from example_site.bootcamp.models import BootcampHomePage
from tests import factories
from tests.rendering import element, page_request, render_component
from wagtail_live_lms.blocks import CourseProgressBlock
from wagtail_live_lms.live import PermissionDenied, signing
from wagtail_live_lms.live.exceptions import InvalidToken
from wagtail_live_lms.live.pipeline import build, open_token
from wagtail_live_lms.live.places import Places
from wagtail_live_lms.middleware import PersonalPagesMiddleware
from wagtail_live_lms.models import Course, Enrolment

pytestmark = pytest.mark.django_db

SHELLS = override_settings(WAGTAIL_LIVE_LMS={"SHELLS": True})
HTMX = {"HX-Request": "true"}


@pytest.fixture
def course() -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course, "Secret Student")


def on_page(user: Any, course: Course, page: Any, **attributes: Any) -> str:
    """What the block puts on the page for this person."""
    request = page_request(user, page.get_url())
    for name, value in attributes.items():
        setattr(request, name, value)
    block = CourseProgressBlock()
    context = {"page": page, "request": request}
    return str(block.render(block.normalize({"course": course}), context=context))


def shell_url(html: str) -> str:
    return str(element(html, "//div[@data-live-shell]").get("hx-get"))


def client_of(user: Any) -> Client:
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    return client


class TestShells:
    @SHELLS
    def test_the_page_is_the_same_for_everybody(self, course: Course, student: Enrolment) -> None:
        page = factories.site_root()
        people = [AnonymousUser(), student.user, factories.make_superuser()]
        pages = {re.sub(r"token=[^&]+", "", on_page(user, course, page)) for user in people}
        assert len(pages) == 1
        (html,) = pages
        assert "data-live-params" not in html
        assert "csrf" not in html

    def test_a_request_may_ask_for_them_or_do_without(
        self, course: Course, student: Enrolment
    ) -> None:
        page = factories.site_root()
        assert "data-live-shell" in on_page(student.user, course, page, live_lms_shells=True)
        with SHELLS:
            assert "data-live-shell" not in on_page(
                student.user, course, page, live_lms_shells=False
            )

    def test_each_gets_their_own_and_no_cache_keeps_it(
        self, course: Course, student: Enrolment
    ) -> None:
        with SHELLS:
            url = shell_url(on_page(AnonymousUser(), course, factories.site_root()))
        answers = {
            user: client_of(user).get(url, headers=HTMX)
            for user in (student.user, factories.make_user(), AnonymousUser())
        }
        mine, outsiders, nobodys = (answer.content.decode() for answer in answers.values())
        assert 'data-live-component="course_progress"' in mine
        assert 'data-live-component="join_course"' in outsiders
        assert "Log in to see your part of this page." in nobodys
        for answer in answers.values():
            assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
            assert "Cookie" in answer["Vary"]

    def test_it_knows_the_page_it_is_on(self, course: Course) -> None:
        with SHELLS:
            url = shell_url(on_page(AnonymousUser(), course, factories.site_root()))
        html = Client().get(url, headers=HTMX | {"HX-Current-URL": "http://testserver/a/?q=1"})
        assert "?next=/a/%3Fq%3D1" in html.content.decode()
        foreign = Client().get(url, headers=HTMX | {"HX-Current-URL": "https://evil.test/"})
        assert "?next=/" in foreign.content.decode()
        assert "evil" not in foreign.content.decode()

    def test_of_what_is_only_offered_those_who_may_not_have_it_see_nothing(
        self, course: Course, student: Enrolment
    ) -> None:
        token = signing.sign_shell(
            "ask_for_help", {"course_id": course.pk, "quiz_id": None}, None, is_offer=True
        )
        url = f"{reverse('wagtail_live_lms:shell')}?token={token}"
        offered = client_of(student.user).get(url, headers=HTMX).content.decode()
        assert 'data-live-component="ask_for_help"' in offered
        for user in (AnonymousUser(), factories.make_user()):
            assert client_of(user).get(url, headers=HTMX).content.decode() == ""

    def test_without_a_script_it_is_a_page_with_a_way_back(
        self, course: Course, student: Enrolment
    ) -> None:
        with SHELLS:
            url = shell_url(on_page(AnonymousUser(), course, factories.site_root()))
        html = client_of(student.user).get(url).content.decode()
        assert "<h1>Your part of the page</h1>" in html
        assert '<input type="hidden" name="next" value="/">' in html
        assert 'data-live-component="course_progress"' in html

    def test_a_way_back_that_leads_elsewhere_is_not_taken(
        self, course: Course, student: Enrolment
    ) -> None:
        token = signing.sign_shell("course_progress", {"course_id": course.pk}, None)
        url = reverse("wagtail_live_lms:shell")
        html = client_of(student.user).get(url, {"token": token, "next": "https://evil.test/"})
        assert "evil" not in html.content.decode()

    def test_what_was_altered_is_refused(self) -> None:
        url = reverse("wagtail_live_lms:shell")
        answer = Client().get(url, {"token": "altered"}, headers=HTMX)
        assert answer.status_code == 403
        assert "no-store" in answer["Cache-Control"]
        with pytest.raises(InvalidToken):
            signing.verify_shell(signing.sign("course_progress", {}, None))


class TestPrivatePages:
    @pytest.fixture
    def page(self) -> Any:
        return factories.make_page(BootcampHomePage(title="Home", slug="start"))

    def token(self, student: Enrolment, page: Any) -> str:
        html = on_page(student.user, student.course, page)
        return str(element(html, "//section").get("data-live-params"))

    def read(self, student: Enrolment, token: str) -> int:
        url = reverse("wagtail_live_lms:component", args=["course_progress"])
        return client_of(student.user).get(url, {"params": token}).status_code

    def test_what_stands_on_a_page_is_for_those_who_may_see_it(
        self, student: Enrolment, page: Any
    ) -> None:
        token = self.token(student, page)
        assert self.read(student, token) == 200
        restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
        assert self.read(student, token) == 403
        restriction.delete()
        assert self.read(student, token) == 200

    def test_a_page_that_is_not_published_any_more_takes_its_parts_along(
        self, student: Enrolment, page: Any
    ) -> None:
        token = self.token(student, page)
        page.unpublish()
        assert self.read(student, token) == 403
        page.delete()
        assert self.read(student, token) == 403

    def test_a_shell_asks_too(self, course: Course, student: Enrolment, page: Any) -> None:
        with SHELLS:
            url = shell_url(on_page(AnonymousUser(), course, page))
        PageViewRestriction.objects.create(page=page, restriction_type="password", password="x")
        assert client_of(student.user).get(url, headers=HTMX).status_code == 403

    def test_children_stand_where_their_composite_stands(
        self, course: Course, student: Enrolment, page: Any
    ) -> None:
        request = page_request(student.user)
        component = build(request, "student_view", {"course_id": course.pk}, page=page.pk)
        tokens = re.findall(r'data-live-params="([^"]+)"', component.html)
        roots = re.findall(r'data-live-component="(\w+)"[^>]*data-live-params', component.html)
        claims = [signing.verify(token, student.user) for token in tokens]
        assert len(claims) == len(roots) >= 4
        page.unpublish()
        refused = [claim.component for claim in claims if claim.page == page.pk]
        assert refused == [claim.component for claim in claims]
        with pytest.raises(PermissionDenied):
            open_token(request, claims[0].component, tokens[0])

    def test_a_component_on_no_page_asks_nobody(self, student: Enrolment) -> None:
        html = render_component(student.user, "course_progress", course_id=student.course_id)
        token = str(element(html, "//section").get("data-live-params"))
        assert signing.verify(token, student.user).page is None
        assert self.read(student, token) == 200
        Places().check(RequestFactory().get("/"), 1)


class TestMiddleware:
    def answer(self, **attributes: Any) -> HttpResponse:
        request = RequestFactory().get("/")
        for name, value in attributes.items():
            setattr(request, name, value)
        return PersonalPagesMiddleware(lambda request: HttpResponse("page"))(request)  # type: ignore[return-value]

    def test_a_page_with_something_personal_is_private(self) -> None:
        assert self.answer(live_lms_is_personal=True)["Cache-Control"] == "private"

    def test_other_pages_are_left_alone(self) -> None:
        assert "Cache-Control" not in self.answer()

    def test_the_tag_says_so_and_a_shell_does_not(self, course: Course, student: Enrolment) -> None:
        page = factories.site_root()
        request = page_request(student.user)
        block = CourseProgressBlock()
        value = block.normalize({"course": course})
        with SHELLS:
            block.render(value, context={"page": page, "request": request})
        assert not hasattr(request, "live_lms_is_personal")
        block.render(value, context={"page": page, "request": request})
        assert request.live_lms_is_personal  # type: ignore[attr-defined]
