"""Questions answered by arranging: put in order, match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from .base import (
    Item,
    Mark,
    Option,
    Question,
    digest,
    distinct_ids,
    flatten,
    optional,
    refusal,
    shuffled,
)
from .findings import Finding, bare, duplicates


class OrderedItem(Item):
    """One item of an ordering question."""

    text: str


class Ordering(Question):
    """Bring items into order. Items with the same text may change places."""

    kind: ClassVar[str] = "ordering"

    items: Annotated[
        tuple[OrderedItem, ...],
        Field(min_length=2),
        BeforeValidator(flatten),
        AfterValidator(distinct_ids),
    ]
    method: Literal["each_position", "all_or_nothing"] = "each_position"

    def response_type(self) -> Any:
        """Item ids in order, or `{item id: position}` with positions from 1."""
        return optional(
            list[str], AfterValidator(self._complete), BeforeValidator(_ids_by_position)
        )

    def judge(self, response: object) -> Mark:
        placed = response if isinstance(response, list | tuple) else ()
        texts = [self._texts.get(id) if isinstance(id, str) else None for id in placed]
        hits = sum(text == bare(item.text) for text, item in zip(texts, self.items, strict=False))
        if self.method == "all_or_nothing":
            return Mark(Fraction(hits == len(self.items)))
        return Mark(Fraction(hits, len(self.items)))

    def correct_response(self) -> list[str]:
        return [item.id for item in self.items]

    def key_text(self) -> tuple[str, ...]:
        return tuple(item.text for item in self.items)

    def order(self, seed: str) -> tuple[Option, ...]:
        """Shuffled, and not in the right order unless all texts are the same."""
        ids = shuffled(self.correct_response(), f"{seed} {self.id}")
        if self.judge(ids).fraction == 1:
            ids = self._other_order()
        texts = {item.id: item.text for item in self.items}
        return tuple(Option(id, texts[id]) for id in ids)

    def responses_chosen(self, response: object) -> list[str]:
        """`position:item id` for each."""
        if not isinstance(response, list | tuple):
            return []
        return [f"{position}:{id}" for position, id in enumerate(response, 1)]

    def placings(self) -> list[list[str]]:
        """For each item, what `responses_chosen` calls it, or one like it, in its right place."""
        texts = self._texts
        return [
            [f"{position}:{id}" for id, text in texts.items() if text == texts[item.id]]
            for position, item in enumerate(self.items, 1)
        ]

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {item.id: bare(item.text) for item in self.items}

    def _other_order(self) -> list[str]:
        first, *others = self.correct_response()
        return [*others, first]

    def _complete(self, ids: list[str] | None) -> list[str] | None:
        if ids is not None and sorted(ids) != sorted(self._texts):
            raise refusal("incomplete_order", "Give each item a position of its own.")
        return ids

    def _lint(self) -> Iterator[Finding]:
        if len(set(self._texts.values())) == 1:
            yield self._error("anything_scores", "items")


def _ids_by_position(sent: object) -> object:
    """A form's `{item id: position}` as ids in order; any other shape as it is."""
    if not isinstance(sent, Mapping):
        return sent
    positions = {str(position).strip(): str(id) for id, position in sent.items()}
    wanted = [str(position) for position in range(1, len(sent) + 1)]
    return [positions[position] for position in wanted if position in positions]


class Pair(Item):
    """A prompt and what belongs to it. The feedback is for those who matched it wrongly."""

    prompt: str
    match: str
    feedback: str = ""


class Distractor(Item):
    """An option that belongs to no prompt."""

    text: str


class Matching(Question):
    """Find what belongs together. Options with the same text are one.

    A page that named a pair's prompt and its option by one id would tell the answer, so the
    ids a student gets to see are fingerprints of it, which no edit of a text changes.
    """

    kind: ClassVar[str] = "matching"

    pairs: Annotated[
        tuple[Pair, ...],
        Field(min_length=2),
        BeforeValidator(flatten),
        AfterValidator(distinct_ids),
    ]
    distractors: Annotated[
        tuple[Distractor, ...], BeforeValidator(flatten), AfterValidator(distinct_ids)
    ] = ()
    shuffle: bool = True

    def prompts(self, seed: str) -> tuple[Option, ...]:
        """What must be answered, shuffled if wanted: the ids are a response's keys."""
        prompts = {_prompt_id(pair.id): pair.prompt for pair in self.pairs}
        shown = shuffled(list(prompts), f"{seed} {self.id}") if self.shuffle else list(prompts)
        return tuple(Option(id, prompts[id]) for id in shown)

    def order(self, seed: str) -> tuple[Option, ...]:
        """The options, always shuffled: as written each would stand beside its prompt."""
        ids = {text: id for id, text in reversed(self._options.items())}
        shown = {id: text for text, id in ids.items()}
        return tuple(Option(id, shown[id]) for id in shuffled(list(shown), f"{seed} {self.id}"))

    def response_type(self) -> Any:
        """`{prompt id: option id}`; a prompt left blank is left out."""
        return optional(
            dict[str, str], AfterValidator(self._known), BeforeValidator(_without_blanks)
        )

    def judge(self, response: object) -> Mark:
        wrong = [pair for pair in self.pairs if not self._is_right(pair, response)]
        feedback = tuple(pair.feedback for pair in wrong if pair.feedback)
        return Mark(1 - Fraction(len(wrong), len(self.pairs)), feedback)

    def correct_response(self) -> dict[str, str]:
        return {_prompt_id(pair.id): self._option(pair) for pair in self.pairs}

    def key_text(self) -> tuple[str, ...]:
        """For each prompt, in their order, what belongs to it."""
        return tuple(pair.match for pair in self.pairs)

    def responses_chosen(self, response: object) -> list[str]:
        """`prompt id:option id` for each."""
        if not isinstance(response, Mapping):
            return []
        return [f"{prompt}:{option}" for prompt, option in response.items()]

    def choices_for(self, pair: Pair) -> dict[str, list[str]]:
        """For each option's text, what `responses_chosen` calls its choice for this prompt."""
        found: dict[str, list[str]] = {}
        for id, text in self._options.items():
            found.setdefault(text, []).append(f"{_prompt_id(pair.id)}:{id}")
        return found

    def is_choice_for(self, pair: Pair, chosen: str) -> bool:
        """Whether what `responses_chosen` names was for this prompt, options long gone included."""
        return chosen.startswith(f"{_prompt_id(pair.id)}:")

    @cached_property
    def _options(self) -> dict[str, str]:
        pairs = {_option_id(pair.id): pair.match.strip() for pair in self.pairs}
        return pairs | {_option_id(extra.id): extra.text.strip() for extra in self.distractors}

    def _option(self, pair: Pair) -> str:
        text = pair.match.strip()
        return next(id for id, other in self._options.items() if other == text)

    def _is_right(self, pair: Pair, response: object) -> bool:
        if not isinstance(response, Mapping):
            return False
        chosen = response.get(_prompt_id(pair.id))
        return isinstance(chosen, str) and self._options.get(chosen) == pair.match.strip()

    def _known(self, response: dict[str, str] | None) -> dict[str, str] | None:
        prompts = {_prompt_id(pair.id) for pair in self.pairs}
        for prompt, option in (response or {}).items():
            if prompt not in prompts or option not in self._options:
                raise refusal("unknown_choice", "This is not one of the choices.")
        return response

    def _lint(self) -> Iterator[Finding]:
        if len({pair.match.strip() for pair in self.pairs}) == 1:
            yield self._error("anything_scores", "pairs")
        for text in duplicates(bare(pair.prompt) for pair in self.pairs):
            yield self._warning("duplicate_choices", "pairs", text=text)
        matches = {pair.match.strip() for pair in self.pairs}
        for index, extra in enumerate(self.distractors):
            if extra.text.strip() in matches:
                yield self._warning(
                    "duplicate_choices", f"distractors.{index}.text", text=extra.text.strip()
                )


def _prompt_id(pair_id: str) -> str:
    return digest("prompt", pair_id)


def _option_id(id: str) -> str:
    return digest("option", id)


def _without_blanks(sent: object) -> object:
    if not isinstance(sent, Mapping):
        return sent
    return {prompt: option for prompt, option in sent.items() if option not in ("", None)}
