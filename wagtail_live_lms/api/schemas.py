"""What goes in and out. Nothing undeclared gets in: no code, no outputs, no paths."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Header, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, StringConstraints

CellId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]

ClientVersion = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}(/[0-9A-Za-z.+-]{1,40})?$")
]

State = Literal["not_started", "in_progress", "queued", "completed"]

Source = Literal["notebook", "page", "quiz", "staff"]

MAX_CELLS = 1000
MAX_HOURS = 24 * 366


def _printable(text: str) -> str:
    """Without what could disguise it where it is shown: controls, bidirectional marks."""
    return "".join(letter for letter in text if letter.isprintable()).strip()


def _without_surrogates(value: object) -> object:
    """JSON can name half a character; nothing can store it."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _only_text(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("Input should be a date and time in RFC 3339, with an offset")
    return value


def _only_number(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("Input should be a number")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_only_text)]

ShownName = Annotated[
    str,
    BeforeValidator(_without_surrogates),
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_printable),
]

RequestKey = Annotated[
    UUID,
    Header(alias="Idempotency-Key", description="New for each report, the same for its repeats."),
]


class Body(Schema):
    """Base of what comes in."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """What went wrong: `code` for programs, `detail` for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] | None = Field(None, description="Messages by field, with 422.")


class CourseOut(Schema):
    """A course."""

    id: int
    title: str


class TokenOut(Schema):
    """The token that was sent, without its text."""

    name: str
    scope: str
    expires_at: datetime | None


class Me(Schema):
    """Whose token it is."""

    name: str
    username: str
    token: TokenOut
    courses: list[CourseOut]


class RequiredCell(Schema):
    """A cell that has to pass; the label is its first line."""

    id: str
    label: str


class Manifest(Schema):
    """What the module's notebook asks for. The digest names this version of it."""

    digest: str
    required: list[RequiredCell]
    policy: Literal["required-cells"]


class ModuleOut(Schema):
    """A module, and how far this student is with it."""

    id: int
    title: str
    course: CourseOut
    state: State
    completed_at: datetime | None
    source: Source | None
    source_label: str
    page_url: str
    manifest: Manifest | None
    passed: list[str]


class NoticesIn(Body):
    """Where to go on."""

    after: int = Field(0, ge=0, lt=2**63)


class NoticeOut(Schema):
    """One thing that the student was told, in their language."""

    id: int
    kind: str
    title: str
    body: str
    url: str
    created_at: datetime


class NoticesOut(Schema):
    """Notices, the oldest first."""

    notifications: list[NoticeOut]


class Evidence(Body):
    """How the client came to its result."""

    mode: Literal["saved", "strict", "finish"]
    client: ClientVersion
    evaluated_at: Moment


class ProgressIn(Body):
    """The required cells that have passed, by id."""

    passed: list[CellId] = Field(max_length=MAX_CELLS)
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = Field(
        None, description="The manifest's digest that the notebook was made from."
    )
    evidence: Evidence


class ProgressOut(Schema):
    """Where the student stands now; `created` if this report completed the module."""

    state: State
    passed: list[str]
    required: list[str]
    unknown: list[str]
    completed_at: datetime | None
    source: Source | None
    created: bool


class PairingIn(Body):
    """A program that wants a token; `client` is shown to the person who decides."""

    client: ShownName


class PairingOut(Schema):
    """Show `user_code` and `verification_url`; ask with `device_code` every `interval` seconds."""

    user_code: str
    device_code: str
    verification_url: str
    expires_in: int
    interval: int


class DeviceCode(Body):
    """The secret half of a pairing."""

    device_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,100}$")]


class PairedToken(Schema):
    """The token, told once."""

    token: str
    expires_at: datetime | None
    name: str


class MintIn(Body):
    """The student for whom a hub needs a token."""

    username: Annotated[
        str,
        BeforeValidator(_without_surrogates),
        StringConstraints(min_length=1, max_length=254),
    ]
    name: ShownName = "JupyterHub"
    hours: Annotated[int, BeforeValidator(_only_number)] = Field(12, ge=1, le=MAX_HOURS)


class MintedToken(Schema):
    """The token, told once."""

    token: str
    expires_at: datetime
