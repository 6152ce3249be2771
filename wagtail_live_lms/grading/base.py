"""What all questions have in common, and what grading one gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from .findings import Finding, images_without_alternative

Outcome = Literal["correct", "partial", "incorrect", "pending"]

MAXIMUM_POINTS = 1000
OTHER = "other"
"""What `responses_chosen` calls a typed answer that the key does not list."""


class Part(BaseModel):
    """Anything inside a question; immutable, and nothing undeclared gets in.

    A field that a draft left empty has its default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        return {name: value for name, value in values.items() if value is not None}


class Item(Part):
    """One entry of a list: its id survives edits of everything else."""

    id: str = Field(min_length=1)


class Option(NamedTuple):
    """What a student can pick: the id that is sent back, and the rich text to show."""

    id: str
    text: str


class Mark(NamedTuple):
    """A judgement before points: a share of the full mark, None while a person must decide."""

    fraction: Fraction | None
    feedback: tuple[str, ...] = ()


class Result(NamedTuple):
    """The outcome of one response. Points are rounded half up to 0.01; pending ones are 0."""

    outcome: Outcome
    fraction: Fraction
    points: Decimal
    maximum: Decimal
    feedback: tuple[str, ...] = ()


def points_for(fraction: Fraction, points: Decimal) -> Decimal:
    """That share of the points, rounded half up to two places."""
    hundredths = (fraction * Fraction(points) * 100 + Fraction(1, 2)) // 1
    return Decimal(int(hundredths)).scaleb(-2)


class Question(Part):
    """One question of a quiz, as the author wrote it."""

    kind: ClassVar[str]
    takes_response: ClassVar[bool] = True

    id: str = Field(min_length=1)
    text: str
    points: Decimal = Field(
        default=Decimal(1), gt=0, le=MAXIMUM_POINTS, decimal_places=2, allow_inf_nan=False
    )
    explanation: str = ""
    void: bool = False

    def response_type(self) -> Any:
        """The type that validates a response, and turns a form's shape into the stored one.

        A blank one becomes None. Refusals carry a stable code as pydantic's error type.
        """
        raise NotImplementedError

    def final_type(self) -> Any:
        """As `response_type`, with the rules that only what is handed in must keep."""
        return self.response_type()

    def is_blank(self, response: object) -> bool:
        """Whether nothing was answered."""
        return is_empty(response)

    def judge(self, response: object) -> Mark:
        """The mark for a response that is not blank. Never raises, whatever the response."""
        raise NotImplementedError

    def grade(self, response: object) -> Result:
        """The result for any stored response, None included.

        What the key does not know is wrong, a blank response is worth nothing, and a void
        question is worth everything to everybody.
        """
        if self.void:
            return self._result(Mark(Fraction(1)))
        return self._result(Mark(Fraction(0)) if self.is_blank(response) else self.judge(response))

    def correct_response(self) -> Any:
        """A stored response worth most, or None where the key names none."""
        return None

    def key_text(self) -> tuple[str, ...]:
        """The right answer as the author wrote it, in lines; "true" or "false" for those."""
        return ()

    def order(self, seed: str) -> tuple[Option, ...]:
        """What the student picks from, in the order that this seed shows it."""
        return ()

    def responses_chosen(self, response: object) -> list[str]:
        """Ids of what was picked, for counting how often each was."""
        return []

    def lint(self) -> list[Finding]:
        """What the author should look at before students see the question."""
        texts = images_without_alternative(self.model_dump())
        return [self._warning("image_without_alternative", field) for field in texts] + list(
            self._lint()
        )

    def _lint(self) -> Iterator[Finding]:
        return iter(())

    def _error(self, code: str, field: str = "", **params: Any) -> Finding:
        return Finding(code, self.id, True, field, params)

    def _warning(self, code: str, field: str = "", **params: Any) -> Finding:
        return Finding(code, self.id, False, field, params)

    def _result(self, mark: Mark) -> Result:
        fraction = mark.fraction or Fraction(0)
        outcome = _outcome(mark.fraction)
        points = points_for(fraction, self.points)
        return Result(outcome, fraction, points, self.points, mark.feedback)


def _outcome(fraction: Fraction | None) -> Outcome:
    if fraction is None:
        return "pending"
    if fraction >= 1:
        return "correct"
    return "partial" if fraction > 0 else "incorrect"


def is_empty(response: object) -> bool:
    """Whether a response of any shape holds nothing but white space."""
    match response:
        case None:
            return True
        case str():
            return not response.strip()
        case Mapping():
            return all(is_empty(value) for value in response.values())
        case list() | tuple() | set() | frozenset():
            return all(is_empty(value) for value in response)
    return False


def blank_to_none(response: object) -> object:
    return None if is_empty(response) else response


def optional(inner: Any, *validators: Any) -> Any:
    """That type or None; what is blank becomes None before anything else looks at it."""
    return Annotated[inner | None, *validators, BeforeValidator(blank_to_none)]


def refusal(code: str, message: str, **context: Any) -> PydanticCustomError:
    """A validation error whose code never changes; the message is for developers."""
    return PydanticCustomError(code, message, context or None)


def only_known(known: Iterable[str]) -> Callable[[Any], Any]:
    """A validator that refuses ids which the question does not have."""
    ids = frozenset(known)

    def check(value: Any) -> Any:
        chosen = [value] if isinstance(value, str) else value or []
        if not ids.issuperset(chosen):
            raise refusal("unknown_choice", "This is not one of the choices.")
        return value

    return check


Listed = TypeVar("Listed", bound=Item)


def distinct_ids(items: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """A validator: two entries of a list never share an id."""
    if len({item.id for item in items}) < len(items):
        raise refusal("duplicate_id", "Two entries share an id.")
    return items


def flatten(value: Any) -> Any:
    """A stored list block's `{"type": "item", "id", "value"}` entries as `{"id", **value}`."""
    if not isinstance(value, list | tuple):
        return value
    return [_flat(entry) for entry in value]


def _flat(entry: Any) -> Any:
    match entry:
        case {"type": "item", "value": Mapping() as value, **rest}:
            return {**value, "id": rest.get("id")}
    return entry


def shuffled(ids: Sequence[str], seed: str) -> list[str]:
    """The ids in an order drawn by the seed: the same on every machine and version.

    It does not depend on the author's order, and adding an id moves no two others.
    """
    return sorted(ids, key=lambda id: digest(seed, id))


def digest(*words: str) -> str:
    """A short fingerprint from which the words cannot be found."""
    joined = "\x1f".join(words).encode(errors="surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]
