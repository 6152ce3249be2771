"""A notice reaches its person's open pages and no other socket, whatever that one asks for.

That nothing came is known when something told later has come.
"""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.live.sockets import Socket, log_in, socket_of, tokens
from wagtail_live_lms import actions
from wagtail_live_lms.live.socket import LOGGED_OUT, REFUSED
from wagtail_live_lms.models import Course, Notification
from wagtail_live_lms.testing import FakeBrowser

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

SECRET = "Secret of Ada"
OWN = "Something for Eve"
NAME = "grade_notification"


@pytest.fixture
def course(db: None) -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def ada(course: Course) -> Any:
    return factories.make_student(course, "Ada Lovelace").user


@pytest.fixture
def eve(course: Course) -> Any:
    """She takes the same course."""
    return factories.make_student(course, "Eve Stranger").user


@sync_to_async
def tell(user: Any, course: Course, title: str) -> Notification:
    payload = {"title": title, "score": 7, "maximum": 10}
    (told,) = actions.notify(user, "grade_posted", course, f"grade:{title}", payload)
    return told


async def views(user: Any, name: str = NAME, **params: Any) -> dict[str, str]:
    return {"views": await sync_to_async(tokens)(user, (name, params))}


async def nothing_of_ada(socket: Socket, ada: Any, eve: Any, course: Course) -> None:
    """Tell Ada, then Eve: Eve's socket shows hers, and not a word of Ada's."""
    await tell(ada, course, SECRET)
    await tell(eve, course, OWN)
    await socket.until(lambda s: s.has(OWN))
    assert not socket.has(SECRET)


class TestItsPerson:
    async def test_sees_it_on_every_open_page(self, ada: Any, course: Course) -> None:
        async with (
            socket_of(ada, query=await views(ada)) as one,
            socket_of(ada, query=await views(ada, menu=True)) as two,
            socket_of(ada, f"/ws/student-{ada.pk}/") as three,
        ):
            for socket in (one, two, three):
                await socket.ready()
            await tell(ada, course, SECRET)
            for socket in (one, two, three):
                await socket.until(lambda s: s.has(SECRET))

    async def test_sees_it_go_in_every_tab(self, ada: Any, course: Course) -> None:
        told = await tell(ada, course, SECRET)
        async with socket_of(ada, query=await views(ada)) as socket:
            await socket.ready()
            await sync_to_async(actions.dismiss_notification)(told)
            await socket.until(lambda s: s.has('data-live-root-unread="0"'))
            assert SECRET not in socket.frames[-1]

    async def test_sees_it_after_logging_in_elsewhere(self, ada: Any, course: Course) -> None:
        await tell(ada, course, SECRET)
        async with socket_of(ada, query=await views(ada)) as socket:
            assert (await socket.ready()).has(SECRET)

    async def test_sees_it_on_a_page_of_theirs(self, ada: Any, course: Course) -> None:
        browser = await sync_to_async(FakeBrowser)(ada)
        await browser.aopen(reverse("wagtail_live_lms:notifications"))
        async with browser.connected():
            told = await tell(ada, course, SECRET)
            await browser.until(
                lambda page: page.attributes(f"[data-live-component={NAME}]")["data-unread"] == "1"
            )
            assert SECRET in browser.text(f'[data-notification="{told.pk}"]')
            await sync_to_async(actions.dismiss_notifications)(ada)
            await browser.until(
                lambda page: page.attributes(f"[data-live-component={NAME}]")["data-unread"] == "0"
            )


class TestSomebodyElse:
    async def test_in_the_same_course(self, ada: Any, eve: Any, course: Course) -> None:
        query = await views(eve, course_id=course.pk)
        async with socket_of(eve, query=query) as socket:
            await socket.ready()
            await nothing_of_ada(socket, ada, eve, course)

    async def test_listening_to_all_that_is_theirs(
        self, ada: Any, eve: Any, course: Course
    ) -> None:
        async with socket_of(eve, f"/ws/student-{eve.pk}/") as socket:
            await socket.ready()
            await nothing_of_ada(socket, ada, eve, course)

    async def test_the_instructor_hears_nothing_either(self, ada: Any, course: Course) -> None:
        teacher = await sync_to_async(factories.make_superuser)()
        async with socket_of(teacher, f"/ws/instructor-{course.pk}/") as socket:
            await socket.ready()
            await tell(ada, course, SECRET)
            module = (await sync_to_async(factories.modules_of)(course))[0]
            await sync_to_async(actions.complete_module)(ada, module)
            await socket.until(lambda s: s.has('data-pct="33"'))
            assert not socket.has(SECRET)

    async def test_asking_for_anothers_topic(self, ada: Any, eve: Any, course: Course) -> None:
        async with socket_of(eve, f"/ws/student-{ada.pk}/") as socket:
            assert await socket.closed() == REFUSED
            assert socket.frames == []

    async def test_with_a_token_made_for_another(self, ada: Any, eve: Any) -> None:
        async with socket_of(eve, query=await views(ada)) as socket:
            assert await socket.closed() == REFUSED
            assert socket.frames == []

    async def test_with_a_forged_token(self, ada: Any, eve: Any) -> None:
        token = (await views(eve))["views"]
        head, _, signature = token.rpartition(":")
        for forged in (f"{head}:{signature[::-1]}", head, "x", f"{token}x"):
            async with socket_of(eve, query={"views": forged}) as socket:
                assert await socket.closed() == REFUSED
                assert socket.frames == []

    async def test_with_a_parameter_that_names_another(self, ada: Any, eve: Any) -> None:
        for params in ({"user_id": ada.pk}, {"topic": f"student-{ada.pk}"}):
            async with socket_of(eve, query=await views(eve, **params)) as socket:
                assert await socket.closed() in (REFUSED, 4400)
                assert socket.frames == []

    async def test_with_a_token_of_another_component(
        self, ada: Any, eve: Any, course: Course
    ) -> None:
        query = await views(eve, "course_progress", course_id=course.pk)
        async with (
            socket_of(eve, query=query) as progress,
            socket_of(eve, query=await views(eve)) as notices,
        ):
            await progress.ready()
            await notices.ready()
            await nothing_of_ada(notices, ada, eve, course)
            module = (await sync_to_async(factories.modules_of)(course))[0]
            await sync_to_async(actions.complete_module)(eve, module)
            await progress.until(lambda s: s.has('data-live-root-pct="33"'))
            assert not progress.has(SECRET)
            assert not progress.has(OWN)

    async def test_and_its_token_opens_no_other_component(self, eve: Any) -> None:
        token = (await views(eve, "course_progress", course_id=1))["views"]
        page = await sync_to_async(log_in)(eve)
        url = reverse("wagtail_live_lms:component", args=[NAME])
        response = await sync_to_async(page.get)(url, {"params": token})
        assert response.status_code == 403


class TestWhoHasLeft:
    async def test_an_expired_session_is_shown_nothing(self, ada: Any, course: Course) -> None:
        client = await sync_to_async(log_in)(ada)
        query = await views(ada)
        await tell(ada, course, SECRET)
        await sync_to_async(Session.objects.all().delete)()
        for path, asked in (("/ws/live/", query), (f"/ws/student-{ada.pk}/", {})):
            async with socket_of(client=client, path=path, query=asked) as socket:
                assert await socket.closed() in (LOGGED_OUT, REFUSED)
                assert socket.frames == []

    async def test_a_session_that_expires_meanwhile_ends_at_the_next_look(
        self, ada: Any, course: Course, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.05}
        async with socket_of(ada, query=await views(ada)) as socket:
            await socket.ready()
            await sync_to_async(Session.objects.all().delete)()
            assert await socket.closed() == LOGGED_OUT
            await tell(ada, course, SECRET)
            assert not socket.has(SECRET)

    async def test_logging_out_meanwhile_ends_it_before_the_next_notice(
        self, ada: Any, course: Course
    ) -> None:
        client: Client = await sync_to_async(log_in)(ada)
        async with socket_of(client=client, query=await views(ada)) as socket:
            await socket.ready()
            await sync_to_async(client.post)("/accounts/logout/")
            assert await socket.closed() == LOGGED_OUT
            await tell(ada, course, SECRET)
            assert not socket.has(SECRET)

    async def test_the_next_person_at_the_same_browser_sees_their_own(
        self, ada: Any, eve: Any, course: Course
    ) -> None:
        client: Client = await sync_to_async(log_in)(ada)
        query = await views(ada)
        await sync_to_async(client.post)("/accounts/logout/")
        await sync_to_async(client.force_login)(eve)
        async with socket_of(client=client, query=query) as socket:
            assert await socket.closed() == REFUSED
        async with socket_of(client=client, query=await views(eve)) as socket:
            await socket.ready()
            await nothing_of_ada(socket, ada, eve, course)
