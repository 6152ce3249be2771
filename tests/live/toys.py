"""Components of the toy site: one for each thing that the runtime promises."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from django.db import transaction
from django.db.models import F
from pydantic import BaseModel, ConfigDict, Field

from tests.toy.models import Note, Room
from wagtail_live_lms.live import (
    RESNAPSHOT,
    AllowAny,
    Change,
    Component,
    CompositeComponent,
    Conflict,
    FormComponent,
    Fragment,
    IsAuthenticated,
    Message,
    ModelComponent,
    NotFound,
    Once,
    PermissionDenied,
    RowId,
    ShortText,
    broadcast,
    personal_topic,
    registry,
    row_id,
    topics,
)

NOTE, CLEARED = "note", "cleared"
WINDOW = 5


def room_topic(room_id: int) -> str:
    return f"room-{room_id}"


def add_note(room_id: int, text: str) -> Note:
    with transaction.atomic():
        note = Note.objects.create(room_id=room_id, text=text)
        broadcast(room_topic(room_id), Change(NOTE, note.pk))
    return note


def edit_note(note_id: int, text: str) -> Note:
    with transaction.atomic():
        Note.objects.filter(pk=note_id).update(text=text, version=F("version") + 1)
        note = Note.objects.get(pk=note_id)
        broadcast(room_topic(note.room_id), Change(NOTE, note_id))
    return note


def clear_room(room_id: int) -> None:
    with transaction.atomic():
        Note.objects.filter(room=room_id).delete()
        broadcast(room_topic(room_id), Change(CLEARED, room_id))


def get_room_for(user: Any, room_id: int) -> Room:
    room = Room.objects.filter(pk=room_id, members=user.pk).first() if user.pk else None
    if room is None:
        raise NotFound
    return room


class IsMember(IsAuthenticated):
    def check(self, component: Component) -> None:
        super().check(component)
        try:
            get_room_for(component.user, component.params["room_id"])
        except NotFound:
            raise PermissionDenied(code="not_a_member") from None


class Notes(Component):
    """The first notes of a room, patched as they change."""

    template_name = "toy/notes.html"
    snapshot_template_name = "toy/notes_list.html"
    permission_classes = (IsMember,)
    rate_limit: ClassVar[Any] = {"clear": "2/m"}
    query_params = ("order", "first")
    alternative = "toy_greeting"
    shared = True

    def mount(
        self, room_id: RowId, order: Literal["asc", "desc"] = "asc", first: RowId = 1
    ) -> None:
        notes = Note.objects.filter(room=room_id, pk__gte=first)
        if order == "desc":
            notes = notes.reverse()
        self.state = {
            "notes": list(notes[:WINDOW]),
            "count": Note.objects.filter(room=room_id).count(),
        }

    def topics(self) -> list[str]:
        return [room_topic(self.params["room_id"])]

    def window(self) -> frozenset[str]:
        return frozenset(f"note-{note.pk}" for note in self.state["notes"])

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Note]:
        return Note.objects.in_bulk(ids) if kind == NOTE else {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == CLEARED:
            return RESNAPSHOT
        is_new = f"note-{message.object_id}" not in self.window()
        if message.record is None or (is_new and len(self.state["notes"]) < WINDOW):
            return RESNAPSHOT
        return self._patch(message)

    def _patch(self, message: Message) -> Iterator[Fragment]:
        key = f"note-{message.object_id}"
        html = self.fragment(key, "toy/note.html", note=message.record)
        yield Fragment(key, lambda: message.once("row", html.html))
        if self.params["order"] == "desc":
            ident = f"{self.element_id}-moved"
            yield Fragment(key, lambda: f'<p id="{ident}">moved</p>', part="order")

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        room_id = self.params["room_id"]
        count = once(room_id, lambda: Note.objects.filter(room=room_id).count())
        ident = f"{self.element_id}-count"
        yield Fragment("count", lambda: f'<p id="{ident}">{count}</p>', for_all=True)

    def elsewhere(self, count: int) -> Fragment:
        ident = f"{self.element_id}-elsewhere"
        return Fragment("elsewhere", lambda: f'<p id="{ident}">{count} more</p>')

    def on_add(self, text: ShortText) -> None:
        add_note(self.params["room_id"], text)
        self.notice = "Added."

    def on_edit(self, note_id: RowId, text: ShortText = "") -> None:
        if not Note.objects.filter(pk=note_id, room=self.params["room_id"]).exists():
            raise NotFound
        edit_note(note_id, text)

    def on_clear(self) -> None:
        clear_room(self.params["room_id"])


class Greeting(Component):
    """For everybody, with an event for every way to end."""

    template_name = "toy/greeting.html"
    permission_classes = (AllowAny,)
    rate_limit: ClassVar[Any] = "3/m"

    async def mount(self, room_id: int = 0, day: datetime.date | None = None) -> None:
        await asyncio.sleep(0)
        self.state = {"text": "Hello"}

    async def on_shout(self, times: Annotated[int, Field(ge=1, le=3)] = 1) -> None:
        await asyncio.sleep(0)
        self.state = {"text": "HELLO" * times}

    def on_collide(self) -> None:
        raise Conflict

    def on_reload(self) -> None:
        self.reloads_page = True

    def on_break(self) -> None:
        raise RuntimeError("secret detail")

    def helper(self) -> None:
        raise AssertionError("not an event")


class Schema(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=2, max_length=20)]
    stars: Annotated[int, Field(ge=1, le=5)] = 3
    tags: list[str] = []


class Review(FormComponent):
    template_name = "toy/form.html"
    permission_classes = (IsAuthenticated,)
    schema = Schema

    def mount(self) -> None:
        self.state = {"saved": "nothing"}

    def on_submit(self) -> None:
        data = self.validated_data
        self.state = {"saved": f"{data.title} {data.stars} {','.join(data.tags)}"}
        self.notice = "Saved."

    def on_reset(self) -> None:
        self.state = {"saved": "reset"}


class RoomCard(ModelComponent):
    template_name = "toy/plain.html"
    permission_classes = (IsAuthenticated,)
    get_object = get_room_for

    def get_context(self) -> dict[str, Any]:
        return {"text": self.state["object"].name}

    def on_rename(self, name: ShortText) -> None:
        self.object.name = name
        self.object.save()


class Board(CompositeComponent):
    template_name = "toy/board.html"
    permission_classes = (AllowAny,)
    components: ClassVar[Mapping[str, str]] = {"left": "toy_greeting", "right": "toy_notes"}

    def mount(self, room_id: int) -> None: ...


class CachedCount(Component):
    """Counts notes, and how often it really did."""

    template_name = "toy/plain.html"
    permission_classes = (IsMember,)
    cache_ttl: ClassVar[int | None] = 300
    loads = 0

    def mount(self, room_id: RowId) -> None:
        type(self).loads += 1
        self.state = {"text": Note.objects.filter(room=room_id).count()}

    def topics(self) -> list[str]:
        return [room_topic(self.params["room_id"])]


class Mine(Component):
    """What only one person sees; it leaves everything to the defaults."""

    template_name = "toy/plain.html"
    permission_classes = (IsAuthenticated,)

    def mount(self) -> None:
        self.state = {"text": f"Yours, {self.user.get_username()}"}

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk)]


TOYS: dict[str, type[Component]] = {
    "toy_notes": Notes,
    "toy_greeting": Greeting,
    "toy_review": Review,
    "toy_room": RoomCard,
    "toy_board": Board,
    "toy_cached": CachedCount,
    "toy_mine": Mine,
}


def _admit(user: Any, ident: str) -> None:
    get_room_for(user, row_id(ident))


def _views(user: Any, ident: str) -> Iterable[tuple[str, dict[str, Any]]]:
    yield "toy_notes", {"room_id": row_id(ident)}


def install() -> None:
    for name, cls in TOYS.items():
        registry.register(name)(cls)
    topics.declare("room", admit=_admit, views=_views)
    topics.declare("lounge", admit=lambda user, ident: None)


def uninstall() -> None:
    for name in TOYS:
        registry.unregister(name)
    topics.forget("room")
    topics.forget("lounge")
