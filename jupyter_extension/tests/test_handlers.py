"""What a page may ask, and who may ask it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_extension.tests.conftest import Save
from jupyter_extension.tests.lms import TOKEN, Lms, Reply, cell, lesson, problem
from jupyter_live_lms.desk import Desk

PATHS = ("lesson", "finish", "notifications")


async def lesson_of(answer: Any) -> Any:
    return json.loads((await answer).body)["lesson"]


@pytest.mark.parametrize("what", PATHS)
async def test_strangers_are_refused(jp_fetch: Any, desk: Desk, what: str) -> None:
    options = {"method": "POST", "body": "{}"} if what == "finish" else {}
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch(
            "jupyter_live_lms", what, headers={"Authorization": "token wrong"}, **options
        )
    assert refusal.value.code == 403


async def test_page_of_another_site_cannot_finish_a_lesson(
    jp_fetch: Any, jp_serverapp: Any, desk: Desk, http_server_client: Any, jp_base_url: str
) -> None:
    """With a cookie alone, as another site's form would send it, there is no XSRF token."""
    token = jp_serverapp.identity_provider.token
    login = await http_server_client.fetch(
        f"{jp_base_url}tree?token={token}", follow_redirects=False, raise_error=False
    )
    cookies = "; ".join(line.split(";")[0] for line in login.headers.get_list("Set-Cookie"))
    answer = await http_server_client.fetch(
        f"{jp_base_url}jupyter_live_lms/finish", method="POST", body='{"path": "a.ipynb"}',
        headers={"Cookie": cookies}, raise_error=False,
    )  # fmt: skip
    assert answer.code == 403


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"path": 3}', '{"path": "a.txt"}', '{"path": null}', "{"]
)
async def test_finish_wants_a_notebook(jp_fetch: Any, desk: Desk, body: str) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch("jupyter_live_lms", "finish", method="POST", body=body)
    assert refusal.value.code == 400


@pytest.mark.parametrize("after", ["x", "-1", "²", "9" * 30])
async def test_notifications_want_a_number(jp_fetch: Any, desk: Desk, after: str) -> None:
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch("jupyter_live_lms", "notifications", params={"after": after})
    assert refusal.value.code == 400


async def test_other_notebooks_are_no_lesson(jp_fetch: Any, desk: Desk) -> None:
    answer = jp_fetch("jupyter_live_lms", "lesson", params={"path": "gone.ipynb"})
    assert await lesson_of(answer) is None


class TestNotifications:
    async def test_are_handed_on_and_asked_for_once(
        self, connected: Lms, desk: Desk, jp_fetch: Any
    ) -> None:
        connected.notifications = [{"id": 3, "kind": "grade", "title": "Graded", "body": "8/10"}]
        for _ in range(3):
            answer = await jp_fetch("jupyter_live_lms", "notifications", params={"after": "2"})
        assert json.loads(answer.body) == {"notifications": connected.notifications}
        assert len(connected.requests) == 1
        assert TOKEN not in answer.body.decode()

    @pytest.mark.parametrize("reply", [Reply(404, b"<html>"), problem(404, "not_found")])
    async def test_of_an_older_site_are_none(
        self, connected: Lms, desk: Desk, jp_fetch: Any, reply: Reply
    ) -> None:
        connected.always = lambda request: reply
        answer = await jp_fetch("jupyter_live_lms", "notifications", params={"after": "0"})
        assert json.loads(answer.body) == {"notifications": []}

    async def test_without_a_connection_are_none(self, desk: Desk, jp_fetch: Any) -> None:
        answer = await jp_fetch("jupyter_live_lms", "notifications", params={"after": "0"})
        assert json.loads(answer.body) == {"notifications": []}


class TestStates:
    """Each state says what happened and what to do next."""

    async def state(self, jp_fetch: Any, notebook: Any, save: Save) -> tuple[str, str]:
        await save(notebook)
        body = json.dumps({"path": "loops.ipynb"})
        answer = jp_fetch("jupyter_live_lms", "finish", method="POST", body=body)
        view = await lesson_of(answer)
        return view["state"], view["message"]

    async def test_in_progress(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        notebook = lesson(connected.url, cell("a"), cell("b", "x = 1", count=None))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "in_progress"
        assert "“x = 1” has not been run" in message

    async def test_disconnected(self, lms: Lms, jp_fetch: Any, save: Save) -> None:
        notebook = lesson(lms.url, cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "disconnected"
        assert f"jupyter live-lms connect {lms.url}" in message

    async def test_paused(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        connected.tokens = set()
        notebook = lesson(connected.url, cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "paused"
        assert message.startswith("The token was revoked. Run `jupyter live-lms connect")

    async def test_paused_lesson_is_tried_again_when_the_student_asks(
        self, connected: Lms, jp_fetch: Any, save: Save
    ) -> None:
        """As when an account has been opened again: the token is the same."""
        tokens, connected.tokens = connected.tokens, set()
        notebook = lesson(connected.url, cell("a"), cell("b"))
        assert (await self.state(jp_fetch, notebook, save))[0] == "paused"
        connected.tokens = tokens
        assert (await self.state(jp_fetch, notebook, save))[0] == "completed"

    async def test_refused(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        connected.always = lambda request: (
            problem(409, "not_enrolled", "You are not enrolled.")
            if request.method == "POST"
            else None
        )
        notebook = lesson(connected.url, cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "refused"
        assert "You are not enrolled." in message

    async def test_refused_lesson_can_be_finished_later(
        self, connected: Lms, jp_fetch: Any, save: Save
    ) -> None:
        connected.scripted = [problem(409, "module_archived", "It is archived.")]
        connected.always = lambda request: (
            None if request.method == "POST" else problem(500, "error")
        )
        notebook = lesson(connected.url, cell("a"), cell("b"))
        assert (await self.state(jp_fetch, notebook, save))[0] in {"refused", "completed"}
        assert (await self.state(jp_fetch, notebook, save))[0] == "completed"

    async def test_lesson_of_another_site(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        notebook = lesson("https://other.example.org", cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "other_site"
        assert "https://other.example.org" in message
        assert connected.requests == []

    async def test_revised_lesson(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        connected.required[7] = ["a", "b", "new"]
        notebook = lesson(connected.url, cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "outdated"
        assert "Download it again" in message

    async def test_waiting_for_the_lessons_before_it(
        self,
        connected: Lms,
        jp_fetch: Any,
        save: Save,
        desk: Desk,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("jupyter_live_lms.desk.ASK_SECONDS", 0)
        connected.is_waiting = True
        notebook = lesson(connected.url, cell("a"), cell("b"))
        state, message = await self.state(jp_fetch, notebook, save)
        assert state == "waiting"
        assert "as soon as you have finished the lessons before it" in message
        connected.is_waiting = False
        where = {"path": "loops.ipynb"}
        await lesson_of(jp_fetch("jupyter_live_lms", "lesson", params=where))
        await desk.settle()
        view = await lesson_of(jp_fetch("jupyter_live_lms", "lesson", params=where))
        assert view["state"] == "completed"

    async def test_unusable(self, connected: Lms, jp_fetch: Any, save: Save) -> None:
        notebook = lesson(connected.url, cell("a"), cell("b"), schema=99)
        state, _ = await self.state(jp_fetch, notebook, save)
        assert state == "unusable"
        assert connected.requests == []

    async def test_completed_elsewhere_is_learned_without_a_report(
        self, connected: Lms, jp_fetch: Any, save: Save, desk: Desk
    ) -> None:
        connected.passed[7] = {"a", "b"}
        await save(lesson(connected.url, cell("a", count=None), cell("b", count=None)))
        await desk.settle()
        answer = jp_fetch("jupyter_live_lms", "lesson", params={"path": "loops.ipynb"})
        view = await lesson_of(answer)
        assert (view["state"], view["passed"]) == ("completed", 2)
        assert connected.reports() == []


async def test_open_pages_hear_of_the_completion(
    connected: Lms, jp_serverapp: Any, save: Save
) -> None:
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def listen(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        heard.put_nowait(data)

    jp_serverapp.event_logger.add_listener(
        schema_id="urn:jupyter-live-lms:lesson:v1", listener=listen
    )
    await save(lesson(connected.url, cell("a"), cell("b")))
    while not (event := await asyncio.wait_for(heard.get(), 10))["is_news"]:
        pass
    assert event == {"module": 7, "state": "completed", "is_news": True}
