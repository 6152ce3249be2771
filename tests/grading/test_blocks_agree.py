"""What the question blocks store is what questions are read from, and GIFT writes the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel
from wagtail.blocks import ListBlock, StructBlock

from wagtail_live_lms.blocks import QuestionStreamBlock, question_types
from wagtail_live_lms.grading import KINDS, load_questions
from wagtail_live_lms.grading.gift import parse

GIFT = """
Which? {=a#Yes. ~%50%b ~c ####So.}

Which are even? {~%50%2 ~%50%4 ~%-50%3}

The {=cat =%50%kitten#Young.} purrs.

Sure? {F#It is not.}

Year? {#1822:2 =%50%1820..1830}

Match. {=cat -> cat food =dog -> dog food = -> hay}

Discuss. {}

Read on.
"""


def entry_model(kind: str, name: str) -> type[BaseModel]:
    """The model of a list's entries, from `tuple[Entry, ...]`."""
    annotation = KINDS[kind].model_fields[name].annotation
    found: type[BaseModel] = annotation.__args__[0]  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_block_has_the_fields_of_its_question(kind: str) -> None:
    block: Any = question_types[kind]
    fields = set(KINDS[kind].model_fields) - {"id"}
    if kind == "information":
        fields = {"text"}
    assert set(block.child_blocks) == fields
    for name, child in block.child_blocks.items():
        if isinstance(child, ListBlock) and isinstance(child.child_block, StructBlock):
            entries = set(entry_model(kind, name).model_fields) - {"id"}
            assert set(child.child_block.child_blocks) == entries


def test_what_gift_brings_can_be_stored_and_read_again() -> None:
    drafts = parse(GIFT)
    stream = QuestionStreamBlock()
    value = stream.to_python(json.loads(json.dumps([draft.block() for draft in drafts])))
    stored = stream.get_prep_value(stream.clean(value))
    read = load_questions(json.loads(json.dumps(stored, default=str)))
    assert read == tuple(draft.question() for draft in drafts)
