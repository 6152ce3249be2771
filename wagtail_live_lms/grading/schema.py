"""What a form with these questions may send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from .base import Question


class Answers(BaseModel):
    """Base of generated models: nothing undeclared gets through."""

    model_config = ConfigDict(extra="forbid")


def field_name(question_id: str) -> str:
    """The name under which a form sends the response to a question."""
    return f"answer-{question_id}"


def answers_schema(questions: Iterable[Question], *, final: bool = False) -> type[Answers]:
    """A model with one optional field per question that takes a response.

    `final` adds the rules that bind only what is handed in, not what is saved on the way.
    """
    fields: dict[str, Any] = {
        field_name(question.id): (
            question.final_type() if final else question.response_type(),
            None,
        )
        for question in questions
        if question.takes_response
    }
    return create_model("Answers", __base__=Answers, **fields)


def responses_in(answers: Answers) -> dict[str, Any]:
    """The responses by question id, as they are stored; only those that were sent."""
    prefix = len(field_name(""))
    return {name[prefix:]: getattr(answers, name) for name in sorted(answers.model_fields_set)}
