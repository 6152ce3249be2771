"""The socket: who may open it, what it shows, when it ends."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import Client

from tests.live.sockets import Socket, log_in, socket_of, tokens, views_of
from tests.live.toys import Notes, add_note, clear_room
from tests.toy.models import Note, Room
from wagtail_live_lms import actions
from wagtail_live_lms.live import socket as live_socket
from wagtail_live_lms.live.exceptions import Conflict, RateLimitExceeded
from wagtail_live_lms.live.hub import current_hub
from wagtail_live_lms.live.requests import request_from
from wagtail_live_lms.live.socket import MAX_MESSAGE, MAX_MESSAGES_PER_MINUTE, close_code

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


def recheck(user: Any) -> None:
    actions.recheck_access([user.pk])


class TestOpening:
    async def test_a_page_sees_its_views(self, ada: Any, room: Room) -> None:
        await sync_to_async(add_note)(room.pk, "Hi")
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            assert socket.is_accepted
            assert socket.has("Hi")
            assert socket.controls == [{"type": "ready", "beat": 20.0}]

    async def test_a_page_that_is_current_is_sent_nothing(self, ada: Any, room: Room) -> None:
        await sync_to_async(add_note)(room.pk, "Hi")
        page = await sync_to_async(Client)()
        await sync_to_async(page.force_login)(ada)
        html = (await sync_to_async(page.get)(f"/toy/toy_notes/{room.pk}/")).content.decode()
        since = html.partition('data-live-since="')[2].partition('"')[0]
        query = {**views_of(ada, room), "since": since}
        async with socket_of(ada, query=query) as socket:
            await socket.ready()
            assert socket.frames == []

    async def test_a_topic_shows_its_declared_views(self, ada: Any, room: Room) -> None:
        await sync_to_async(add_note)(room.pk, "Hi")
        async with socket_of(ada, f"/ws/room-{room.pk}/") as socket:
            assert (await socket.ready()).has("Hi")

    @pytest.mark.parametrize("language", ["de", "xx", "../../etc", "\x00", ""])
    async def test_its_language_is_one_of_the_sites(
        self, ada: Any, room: Room, language: str
    ) -> None:
        path = f"/ws/room-{room.pk}/"
        async with socket_of(ada, path, query={"language": language}) as socket:
            await socket.ready()
            languages = {window.language for window in current_hub().windows.values()}
            assert languages == {"de" if language == "de" else "en"}

    async def test_people_who_see_the_same_share_it(self, ada: Any, eve: Any, room: Room) -> None:
        await sync_to_async(room.members.add)(eve)
        async with (
            socket_of(ada, query=views_of(ada, room)) as one,
            socket_of(eve, query=views_of(eve, room)) as two,
        ):
            await one.ready()
            await two.ready()
            assert len(current_hub().windows) == 1

    async def test_nobody_may_see_what_is_for_everybody(self) -> None:
        query = {"views": await sync_to_async(tokens)(None, ("toy_greeting", {}))}
        async with socket_of(query=query) as socket:
            await socket.ready()
            assert socket.frames == []  # it has no topics, so the page is current


class TestRefusals:
    """Accepted first, then closed with a code that the page's script explains."""

    async def code(self, *args: Any, **options: Any) -> int:
        async with socket_of(*args, **options) as socket:
            code = await socket.closed()
            assert socket.is_accepted
            assert socket.frames == []
            return code

    async def test_another_origin_is_not_even_accepted(self, ada: Any, room: Room) -> None:
        for origin in ("https://evil.example", ""):
            async with socket_of(
                ada, query=views_of(ada, room), headers={"Origin": origin}
            ) as socket:
                assert await socket.closed() == 4403
                assert not socket.is_accepted

    async def test_nothing_asked_for(self, ada: Any) -> None:
        assert await self.code(ada) == 4400

    async def test_too_many_fields(self, ada: Any) -> None:
        query = {f"field{n}": "1" for n in range(1001)}
        assert await self.code(ada, query=query) == 4400

    async def test_nobody_logged_in(self, room: Room) -> None:
        assert await self.code(query=views_of(None, room)) == 4401

    async def test_a_stranger(self, eve: Any, room: Room) -> None:
        assert await self.code(eve, query=views_of(eve, room)) == 4403
        assert await self.code(eve, f"/ws/room-{room.pk}/") == 4403

    async def test_somebody_elses_token(self, ada: Any, eve: Any, room: Room) -> None:
        assert await self.code(eve, query=views_of(ada, room)) == 4403
        assert await self.code(ada, query={"views": "nonsense"}) == 4403

    async def test_an_expired_token(self, ada: Any, room: Room, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {"TOKEN_MAX_AGE": -1}
        assert await self.code(ada, query=views_of(ada, room)) == 4409

    async def test_parameters_that_do_not_fit(self, ada: Any) -> None:
        query = {"views": tokens(ada, ("toy_notes", {"room_id": 0}))}
        assert await self.code(ada, query=query) == 4400

    @pytest.mark.parametrize("topic", ["room-999", "room-0", "nothing-1", "__class__", "room-x"])
    async def test_an_unknown_topic(self, ada: Any, topic: str) -> None:
        assert await self.code(ada, f"/ws/{topic}/") == 4403

    @pytest.mark.parametrize("path", ["/ws/", "/ws/a/b/", "/", "/ws/live", "/elsewhere/"])
    async def test_another_address(self, ada: Any, path: str) -> None:
        assert await self.code(ada, path) == 4403

    async def test_a_topic_that_shows_nothing(self, ada: Any) -> None:
        assert await self.code(ada, "/ws/lounge-1/") == 4400

    async def test_one_of_several_views(self, ada: Any, room: Room) -> None:
        other = await sync_to_async(Room.objects.create)(name="Other")
        views = tokens(
            ada, ("toy_notes", {"room_id": other.pk}), ("toy_notes", {"room_id": room.pk})
        )
        async with socket_of(ada, query={"views": views}) as socket:
            await socket.ready()
            assert len(current_hub().windows) == 1

    async def test_a_database_that_does_not_answer(
        self, ada: Any, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unreachable(scope: Any) -> Any:
            raise OperationalError("away")

        monkeypatch.setattr(live_socket, "request_from", unreachable)
        assert await self.code(ada, query=views_of(ada, room)) == 1011

    async def test_every_error_has_a_code(self) -> None:
        assert close_code(RateLimitExceeded(3)) == 4429
        assert close_code(Conflict()) == 4403


class TestWhatTheBrowserSays:
    async def test_nothing_is_obeyed(self, ada: Any, room: Room) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await socket.say('{"event": "add", "text": "by socket"}')
            await socket.say("")
            await sync_to_async(add_note)(room.pk, "by http")
            await socket.until(lambda s: s.has("by http"))
            assert not socket.has("by socket")
        assert await sync_to_async(Note.objects.count)() == 1

    async def test_too_much_at_once(self, ada: Any, room: Room) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await socket.say("x" * (MAX_MESSAGE + 1))
            assert await socket.closed() == 1009

    @pytest.mark.parametrize(("data", "code"), [(b"\x00\xff", 4400), (b"x" * 3000, 1009)])
    async def test_bytes(self, ada: Any, room: Room, data: bytes, code: int) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await socket.say(data=data)
            assert await socket.closed() == code

    async def test_too_often(self, ada: Any, room: Room) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            for _ in range(MAX_MESSAGES_PER_MINUTE + 1):
                await socket.say("hello")
            assert await socket.closed() == 4429


class TestTheRightToStay:
    """Checked on each heartbeat, and at once when a person's topic says so."""

    async def after(self, ada: Any, room: Room, *change: Any, client: Any = None) -> int:
        client = client or await sync_to_async(log_in)(ada)
        async with socket_of(client=client, query=views_of(ada, room)) as socket:
            await socket.ready()
            await sync_to_async(change[0])(*change[1:])
            return await socket.closed()

    async def test_logging_out(self, ada: Any, room: Room) -> None:
        client = await sync_to_async(log_in)(ada)
        assert await self.after(ada, room, client.logout, client=client) == 4401

    async def test_a_changed_password(self, ada: Any, room: Room) -> None:
        def change() -> None:
            ada.set_password("new")
            ada.save()

        assert await self.after(ada, room, change) == 4401

    async def test_a_deactivated_account(self, ada: Any, room: Room) -> None:
        def change() -> None:
            ada.is_active = False
            ada.save()

        assert await self.after(ada, room, change) == 4401

    async def test_a_lost_membership(self, ada: Any, room: Room) -> None:
        def change() -> None:
            room.members.clear()
            recheck(ada)

        assert await self.after(ada, room, change) == 4403

    async def test_a_loss_that_nobody_announced_is_found_by_the_heartbeat(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1}
        assert await self.after(ada, room, room.members.clear) == 4403

    async def test_an_age_after_which_one_connects_anew(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1, "SOCKET_MAX_SECONDS": 0.0}
        assert await self.after(ada, room, lambda: None) == 1012

    async def test_one_view_of_several_is_taken_away(self, ada: Any, room: Room) -> None:
        other = await sync_to_async(Room.objects.create)(name="Other")
        await sync_to_async(other.members.add)(ada)
        both = [("toy_notes", {"room_id": pk}) for pk in (room.pk, other.pk)]
        async with socket_of(ada, query={"views": tokens(ada, *both)}) as socket:
            await socket.ready()
            await sync_to_async(other.members.clear)()
            await sync_to_async(recheck)(ada)
            await socket.until(lambda s: s.controls[-1]["type"] == "refused")
            taken = Notes(await sync_to_async(request_from)({"path": "/"}), {"room_id": other.pk})
            assert socket.controls[-1]["elements"] == [taken.element_id]
            await sync_to_async(add_note)(other.pk, "hidden")
            await sync_to_async(add_note)(room.pk, "shown")
            await socket.until(lambda s: s.has("shown"))
            assert not socket.has("hidden")

    async def test_who_keeps_their_rights_stays(self, ada: Any, room: Room) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            await sync_to_async(recheck)(ada)
            await sync_to_async(add_note)(room.pk, "Hi")
            await socket.until(lambda s: s.has("Hi"))

    async def test_a_database_that_is_away_ends_nothing(
        self,
        ada: Any,
        room: Room,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1}
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()

            def unreachable(scope: Any) -> Any:
                raise OperationalError("away")

            with caplog.at_level(logging.WARNING):
                monkeypatch.setattr(live_socket, "request_from", unreachable)
                await socket.until(lambda s: len(s.controls) >= 4)
            assert "Rights were not re-checked" in caplog.text

    async def test_who_is_still_being_let_in_is_not_checked_again(
        self, ada: Any, room: Room
    ) -> None:
        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.until(lambda s: s.is_accepted)
            hub = current_hub()
            live = next(iter(hub.sockets))
            live.recheck_soon()
            assert live._recheck is None
            await socket.ready()

    async def test_leaving_during_a_check_is_no_error(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.01}
        for _ in range(5):
            async with socket_of(ada, query=views_of(ada, room)) as socket:
                await socket.ready()
                await socket.until(lambda s: len(s.controls) >= 2)


async def test_it_is_closed_once(ada: Any, room: Room) -> None:
    async with socket_of(ada, query=views_of(ada, room)) as socket:
        await socket.ready()
        live = next(iter(current_hub().sockets))
        await live.close(4409)
        await live.close(1011)
        assert await socket.closed() == 4409
        await sync_to_async(recheck)(ada)
        with pytest.raises(TimeoutError):
            await socket.step(0.2)


class TestSharedWindows:
    async def test_who_came_first_and_lost_access_spoils_it_for_nobody(
        self, ada: Any, eve: Any, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mount = Notes.mount

        def strict(self: Notes, **params: Any) -> None:
            live_socket.topics.admit(self.user, f"room-{params['room_id']}")
            mount(self, **params)

        monkeypatch.setattr(Notes, "mount", strict)
        await sync_to_async(room.members.add)(eve)
        async with socket_of(ada, query=views_of(ada, room)) as first:
            await first.ready()
            async with socket_of(eve, query=views_of(eve, room)) as second:
                await second.ready()
                second.frames.clear()
                await sync_to_async(room.members.remove)(ada)
                await sync_to_async(clear_room)(room.pk)  # sends every window anew
                await second.until(lambda s: s.has("-list"))
                await sync_to_async(add_note)(room.pk, "for Eve")
                await second.until(lambda s: s.has("for Eve"))
                assert await first.closed() == 4403
            assert not first.has("for Eve")

    async def test_a_window_that_cannot_be_rendered_closes_and_logs(
        self,
        ada: Any,
        room: Room,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(self: Notes, **params: Any) -> None:
            raise RuntimeError("bug in a component")

        async with socket_of(ada, query=views_of(ada, room)) as socket:
            await socket.ready()
            monkeypatch.setattr(Notes, "mount", broken)
            with caplog.at_level(logging.ERROR):
                await sync_to_async(clear_room)(room.pk)
                assert await socket.closed() == 1011
            assert "bug in a component" in caplog.text


async def test_a_beat_says_no_more_than_the_page_shows(ada: Any, room: Room, settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1}
    await sync_to_async(add_note)(room.pk, "one")

    def last_beat(socket: Socket) -> str:
        beats = [c["since"] for c in socket.controls if c["type"] == "beat"]
        return beats[-1] if beats else "none yet"

    query = {"views": tokens(ada, ("toy_cached", {"room_id": room.pk}))}
    async with socket_of(ada, query=query) as socket:
        await socket.until(lambda s: last_beat(s).endswith(".1"))
        await sync_to_async(add_note)(room.pk, "two")
        await socket.until(lambda s: last_beat(s).endswith(".2"))
        assert socket.has(">2</section>")
        window = next(iter(current_hub().windows.values()))
        live = next(iter(window.seats))
        live.outbox.hold(window.key)
        await sync_to_async(add_note)(room.pk, "held back")
        await socket.until(lambda s: last_beat(s) == "")
        live.outbox.release(window.key)
        await socket.until(lambda s: last_beat(s).endswith(".3"))
        assert socket.has(">3</section>")


async def test_a_beat_is_silent_on_some_rows_of_many(ada: Any, room: Room, settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1}
    await sync_to_async(add_note)(room.pk, "one")
    async with socket_of(ada, query=views_of(ada, room)) as socket:
        await socket.until(lambda s: {"type": "beat", "since": ""} in s.controls)
