"""Whatever is sent, wherever: a clear answer, never an error of ours, never a change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.factories import make_course, make_student, make_user, modules_of
from tests.live.sockets import log_in, socket_of, tokens
from tests.live.toys import add_note
from tests.toy.models import Room
from wagtail_live_lms.live import registry, signing, topics

RELAXED = hypothesis_settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HTMX = {"HX-Request": "true"}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
OWN = ("wagtail_live_lms", "toy", "auth")


def everything() -> list[Any]:
    """All rows that an event could change: courses, progress, topics, notes, people."""
    found = []
    for label in OWN:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            # Logging in is no change of ours.
            names = [f.attname for f in model._meta.concrete_fields if f.name != "last_login"]
            rows = model._default_manager.order_by("pk").values_list(*names)
            found.append((model._meta.label, list(rows)))
    return found


def assert_answered(response: Any) -> None:
    assert 400 <= response.status_code < 500, (response.status_code, response.content[:300])
    body = response.content.decode()
    if response.headers.get("Content-Type") == "application/problem+json":
        problem = json.loads(body)
        assert problem["title"]
        assert problem["code"]
    assert body
    assert "Traceback" not in body
    assert "Exception" not in body


class Attacker:
    """Ada, who may do a lot, and sends what no page of hers would."""

    def __init__(self, user: Any, room: Room, course: Any) -> None:
        self.user = user
        self.room = room
        self.course = course
        self.client = log_in(user)
        self.note = room.notes.first()

    def token(self, name: str) -> str:
        params = {
            "toy_notes": {"room_id": self.room.pk},
            "toy_cached": {"room_id": self.room.pk},
            "toy_board": {"room_id": self.room.pk},
            "toy_room": {"object_id": self.room.pk},
            "course_progress": {"course_id": self.course.pk},
            "join_course": {"course_id": self.course.pk},
            "instructor_dashboard": {"course_id": self.course.pk},
        }
        return signing.sign(name, params.get(name, {}), self.user)

    def post(self, name: str, body: Any, content_type: str = JSON, **headers: str) -> Any:
        if not isinstance(body, str | bytes):
            body = json.dumps(body)
        url = f"/live-lms/components/{name}/"
        return self.client.generic(
            "POST", url, body, content_type=content_type, headers=headers or HTMX
        )


@pytest.fixture
def attacker(ada: Any, eve: Any, room: Room) -> Attacker:
    course = make_course(3)
    make_student(course)
    add_note(room.pk, "stays as it is")
    return Attacker(ada, room, course)


@pytest.fixture
def unchanged(attacker: Attacker) -> Iterator[Attacker]:
    before = everything()
    yield attacker
    assert everything() == before


DEEP = "[" * 100_000 + "]" * 100_000
NEAR_THE_LIMIT = ['{"a":' * depth + "1" + "}" * depth for depth in (400, 700, 900, 950, 985)]

BODIES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", JSON),
    "no object": ("[1, 2]", JSON),
    "null": ("null", JSON),
    "no json": ("{", JSON),
    "deep": (DEEP, JSON),
    "deep object": ('{"a":' * 50_000, JSON),
    "huge number": ('{"event": ' + "9" * 10_000 + "}", JSON),
    "not utf-8": (b'{"event": "\xff"}', JSON),
    "utf-16": ('{"event": "add"}'.encode("utf-16"), JSON),
    "nan": ('{"event": NaN, "params": Infinity}', JSON),
    "numbers for names": ('{"event": 1, "params": {"a": []}}', JSON),
    "lone surrogate": ('{"event": "\\ud800", "params": "\\udfff"}', JSON),
    "no form": (b"\xff\xfe\x00", FORM),
    "many fields": ("&".join(f"f{n}=1" for n in range(1100)), FORM),
    "form in latin1": ("event=add", f"{FORM}; charset=latin1"),
    "form in nothing": ("event=add", f"{FORM}; charset=nothing"),
    "multipart without boundary": ("x", "multipart/form-data"),
    "multipart broken": (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
    "multipart odd boundary": (b"x", "multipart/form-data; boundary=" + "b" * 500),
    "multipart bad encoding": (
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    "plain text": ("event=add", "text/plain"),
    "no type": ("event=add", ""),
    "strange type": ("event=add", "\x00;;=="),
}


@pytest.mark.django_db
class TestBodies:
    @pytest.mark.parametrize("kind", BODIES)
    @pytest.mark.parametrize("headers", [HTMX, {"Accept": JSON}, {"Accept": "q=x;;q=nan"}])
    def test_no_body_is_too_odd(
        self, unchanged: Attacker, kind: str, headers: dict[str, str]
    ) -> None:
        body, content_type = BODIES[kind]
        assert_answered(unchanged.post("toy_notes", body, content_type, **headers))

    @pytest.mark.parametrize("content_type", [JSON, FORM])
    def test_a_huge_body(self, unchanged: Attacker, content_type: str) -> None:
        body = '{"event": "add", "text": "' + "x" * 3_000_000 + '"}'
        response = unchanged.post("toy_notes", body, content_type)
        assert response.status_code == 413
        assert_answered(response)

    @pytest.mark.parametrize("depth", range(len(NEAR_THE_LIMIT)))
    def test_json_as_deep_as_can_be_read(self, unchanged: Attacker, depth: int) -> None:
        token = unchanged.token("toy_notes")
        body = f'{{"event": "add", "params": "{token}", "text": {NEAR_THE_LIMIT[depth]}}}'
        assert unchanged.post("toy_notes", body).status_code == 422

    @pytest.mark.parametrize("checks", [True, False])
    @pytest.mark.parametrize("kind", BODIES)
    def test_behind_the_csrf_check_too(self, unchanged: Attacker, kind: str, checks: bool) -> None:
        body, content_type = BODIES[kind]
        unchanged.client.handler.enforce_csrf_checks = checks
        assert_answered(unchanged.post("toy_notes", body, content_type))


PAYLOADS: dict[str, dict[str, Any]] = {
    "missing": {},
    "wrong type": {"text": {"a": 1}},
    "a list": {"text": ["a", "b"]},
    "too long": {"text": "x" * 201},
    "a NUL": {"text": "a\x00b"},
    "a lone surrogate": {"text": "\ud800"},
    "a NUL in a name": {"text": "x", "\x00": 1},
    "more than asked for": {"text": "x", "room_id": 1},
    "__class__": {"text": "x", "__class__": "Room"},
    "self": {"text": "x", "self": "y"},
    "request": {"text": "x", "request": "y"},
    "null": {"text": None},
    "true": {"text": True},
}
EVENTS = ["", "__class__", "__init__", "mount", "load", "on_add", "add ", "ADD", "\x00", "tick"]
NUMBERS = [0, -1, 2**63, 10**30, -(10**30), 1.5, "1e3", "x", "\u0663" * 20, [], "9" * 5000]
NAMES = ["__class__", "nothing", "toy_notes\x00", "é", "%2e%2e", "x" * 3000]
NO_TOKENS = [None, "", 1, [], {}, "x", "a:b:c", "\x00", "é:é:é", "x" * 10**6]
PATHS = [
    "/ws/",
    "/ws/live",
    "/ws//",
    "/ws/\x00/",
    "/ws/é-1/",
    "/ws/room-1\n/",
    "/../",
    "/aaa" * 999,
]
IDENTS = ["0", "-1", "999999", "9" * 50, "x", "1e3", "None", "--", "\u0663"]
SINCES = ["x", "room-1:.", "room-1:a.-1", "::::", "\x00", "a.b:c.d " * 99]
SESSIONS = ["", "x", "x" * 5000, "\x00", "a(b=c", '"']


@pytest.mark.django_db
class TestPayloads:
    @pytest.mark.parametrize("kind", PAYLOADS)
    def test_what_does_not_fit_is_refused(self, unchanged: Attacker, kind: str) -> None:
        envelope = {"event": "add", "params": unchanged.token("toy_notes")}
        response = unchanged.post("toy_notes", {**PAYLOADS[kind], **envelope})
        assert response.status_code == 422

    @pytest.mark.parametrize("note_id", NUMBERS)
    def test_no_number_reaches_the_database_that_it_cannot_hold(
        self, unchanged: Attacker, note_id: Any
    ) -> None:
        envelope = {"event": "edit", "params": unchanged.token("toy_notes")}
        response = unchanged.post("toy_notes", {**envelope, "note_id": note_id})
        assert response.status_code == 422

    @pytest.mark.parametrize("event", EVENTS)
    @pytest.mark.parametrize("name", ["toy_notes", "course_progress", "instructor_dashboard"])
    def test_only_declared_events_exist(self, unchanged: Attacker, event: str, name: str) -> None:
        response = unchanged.post(name, {"event": event, "params": unchanged.token(name)})
        assert response.status_code in (403, 404)
        assert_answered(response)

    @pytest.mark.parametrize("name", NAMES)
    def test_only_registered_components_exist(self, unchanged: Attacker, name: str) -> None:
        assert_answered(unchanged.post(name, {"event": "add"}))

    @RELAXED
    @given(data=st.data())
    def test_any_event_of_any_component_with_any_json(
        self, attacker: Attacker, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from([n for n in registry if n != "toy_greeting"]))
        event = data.draw(st.sampled_from([*registry.get(name).events, "nonsense"]) | st.text())
        leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        value = leaf | st.lists(leaf, max_size=2) | st.dictionaries(st.text(), leaf, max_size=2)
        names = st.sampled_from(["text", "note_id", "module_id", "title", "x"]) | st.text()
        payload = data.draw(st.dictionaries(names, value, min_size=1, max_size=3))
        payload |= {"surplus": 1, "event": event, "params": attacker.token(name)}
        before = everything()
        assert_answered(attacker.post(name, payload))
        assert everything() == before

    @RELAXED
    @given(
        fields=st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=4),
        event=st.sampled_from(["add", "edit", "clear", "nonsense"]),
    )
    def test_any_form(self, attacker: Attacker, fields: dict[str, str], event: str) -> None:
        form = {**fields, "event": event, "params": attacker.token("toy_notes"), "surplus": "1"}
        body = "&".join(f"{_quote(k)}={_quote(v)}" for k, v in form.items())
        before = everything()
        assert_answered(attacker.post("toy_notes", body, FORM))
        assert everything() == before


def _quote(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.django_db
class TestTokens:
    def test_other_peoples_are_worth_nothing(self, unchanged: Attacker, eve: Any) -> None:
        own = unchanged.token("toy_notes")
        thief = Attacker(eve, unchanged.room, unchanged.course)
        response = thief.post("toy_notes", {"event": "clear", "params": own})
        assert response.status_code == 403

    def test_those_of_other_components_are_worth_nothing(self, unchanged: Attacker) -> None:
        other = unchanged.token("toy_cached")
        response = unchanged.post("toy_notes", {"event": "clear", "params": other})
        assert response.status_code == 403

    def test_one_kept_from_better_times_authorises_nothing(self, attacker: Attacker) -> None:
        token = attacker.token("toy_notes")
        attacker.room.members.clear()
        before = everything()
        response = attacker.post("toy_notes", {"event": "clear", "params": token})
        assert response.status_code == 403
        assert everything() == before

    def test_an_expired_one(self, unchanged: Attacker, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {"TOKEN_MAX_AGE": -1}
        body = {"event": "clear", "params": unchanged.token("toy_notes")}
        assert unchanged.post("toy_notes", body).status_code == 409

    @pytest.mark.parametrize("token", NO_TOKENS)
    def test_none_at_all(self, unchanged: Attacker, token: Any) -> None:
        response = unchanged.post("toy_notes", {"event": "clear", "params": token})
        assert response.status_code == 403
        get = unchanged.client.get("/live-lms/components/toy_notes/", {"params": str(token)[:500]})
        assert get.status_code == 403

    @RELAXED
    @given(place=st.integers(0, 10**4), character=st.characters())
    def test_an_altered_one(self, attacker: Attacker, place: int, character: str) -> None:
        token = attacker.token("toy_notes")
        place %= len(token)
        altered = token[:place] + character + token[place + 1 :]
        if altered != token:
            response = attacker.post("toy_notes", {"event": "clear", "params": altered})
            assert response.status_code == 403

    def test_replaying_an_event_does_what_it_did(self, attacker: Attacker, eve: Any) -> None:
        enrolment = make_student(attacker.course)
        student = Attacker(enrolment.user, attacker.room, attacker.course)
        module = modules_of(attacker.course)[0]
        body = {"event": "complete_module", "module_id": module.pk}
        body |= {"params": student.token("course_progress")}
        assert student.post("course_progress", body).status_code == 200
        before = everything()
        assert student.post("course_progress", body).status_code == 200
        assert everything() == before


@pytest.mark.django_db
class TestRequests:
    def test_without_the_csrf_token(self, unchanged: Attacker) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(unchanged.user)
        body = {"event": "clear", "params": unchanged.token("toy_notes")}
        for content_type in (JSON, FORM):
            response = client.post("/live-lms/components/toy_notes/", body, content_type)
            assert response.status_code == 403

    def test_with_the_token_of_another_origin(self, unchanged: Attacker) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(unchanged.user)
        client.get(f"/toy/toy_notes/{unchanged.room.pk}/")
        token = client.cookies["csrftoken"].value
        body = {"event": "clear", "params": unchanged.token("toy_notes")}
        body["csrfmiddlewaretoken"] = token
        headers = {"Origin": "https://evil.example"}
        response = client.post("/live-lms/components/toy_notes/", body, headers=headers)
        assert response.status_code == 403

    @pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
    def test_with_another_method(self, unchanged: Attacker, method: str) -> None:
        for url in ("/live-lms/components/toy_notes/", "/live-lms/login/"):
            assert getattr(unchanged.client, method)(url).status_code == 405

    def test_a_get_changes_nothing(self, unchanged: Attacker) -> None:
        query = {"params": unchanged.token("toy_notes"), "event": "clear"}
        url = "/live-lms/components/toy_notes/"
        assert unchanged.client.get(url, query).status_code == 200
        assert unchanged.client.head(url, query).status_code == 200

    @RELAXED
    @given(st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1))
    def test_any_name(self, attacker: Attacker, name: str) -> None:
        response = attacker.client.get(f"/live-lms/components/{_quote(name)}/")
        assert response.status_code in (403, 404)

    @RELAXED
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_any_way_back(self, attacker: Attacker, url: str) -> None:
        response = attacker.client.get("/live-lms/login/", {"next": url})
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/?next=")

    @pytest.mark.parametrize("course_id", ["0", "-1", "x", "9" * 30, "1e3", str(2**63)])
    def test_any_export(self, unchanged: Attacker, course_id: str) -> None:
        response = unchanged.client.get(f"/live-lms/courses/{course_id}/students.csv")
        assert 400 <= response.status_code < 500


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
class TestSockets:
    @pytest.mark.parametrize(
        "query",
        [
            {"views": "x"},
            {"views": ","},
            {"views": "," * 5000},
            {"views": "\x00"},
            {"views": "a:b:c," * 30},
            {"views": "é" * 1000},
            {"since": "x:y.z " * 100},
            {"language": "../../../etc/passwd"},
            {f"f{n}": "" for n in range(2000)},
        ],
        ids=lambda query: str(query)[:30],
    )
    async def test_any_question(self, unchanged: Attacker, query: dict[str, str]) -> None:
        async with socket_of(unchanged.user, query=query) as socket:
            assert await socket.closed() in (4400, 4403)

    @pytest.mark.parametrize("path", PATHS)
    async def test_any_address(self, unchanged: Attacker, path: str) -> None:
        async with socket_of(unchanged.user, path) as socket:
            assert await socket.closed() == 4403

    @pytest.mark.parametrize("ident", IDENTS)
    async def test_any_topic(self, unchanged: Attacker, ident: str) -> None:
        for prefix in topics:
            if prefix != "lounge":
                async with socket_of(unchanged.user, f"/ws/{prefix}-{ident}/") as socket:
                    assert await socket.closed() == 4403

    @pytest.mark.parametrize("since", SINCES)
    async def test_any_position(self, unchanged: Attacker, since: str) -> None:
        views = unchanged.token("toy_notes")
        async with socket_of(unchanged.user, query={"views": views, "since": since}) as socket:
            await socket.ready()
            assert socket.has("stays as it is")

    @pytest.mark.parametrize("session", SESSIONS)
    async def test_any_cookie(self, unchanged: Attacker, session: str) -> None:
        query = {"views": unchanged.token("toy_notes")}
        headers = {"Cookie": f"sessionid={session}"}
        async with socket_of(unchanged.user, query=query, headers=headers) as socket:
            assert await socket.closed() in (4401, 4403)

    @pytest.mark.parametrize(
        "said",
        [
            '{"event": "clear"}', '{"__class__": 1}', "[" * 2000, "", "\x00", "\ud800", "null",
            b"", b"\x00", b"\xff" * 2048, b"x" * 100_000, "x" * 100_000, "é" * 2048,
        ],
        ids=lambda said: repr(said)[:20],
    )  # fmt: skip
    async def test_anything_said(self, unchanged: Attacker, said: str | bytes) -> None:
        query = {"views": unchanged.token("toy_notes")}
        async with socket_of(unchanged.user, query=query) as socket:
            await socket.ready()
            if isinstance(said, bytes):
                await socket.say(data=said)
                assert await socket.closed() in (1009, 4400)
                return
            await socket.say(said)
            if len(said) > 2048:
                assert await socket.closed() == 1009

    async def test_more_views_than_a_page_has(self, unchanged: Attacker) -> None:
        views = ",".join([unchanged.token("toy_notes")] * 500)
        async with socket_of(unchanged.user, query={"views": views}) as socket:
            await socket.ready()

    async def test_the_views_of_others(self, unchanged: Attacker) -> None:
        other = await sync_to_async(make_user)()
        for name in registry:
            params = {"course_id": unchanged.course.pk}
            for owner in (other, None):
                query = {"views": tokens(owner, (name, params))}
                async with socket_of(unchanged.user, query=query) as socket:
                    assert await socket.closed() == 4403
        await other.adelete()
