"""The form of a quiz as a browser posts it: what the page rendered, and what was changed."""

from __future__ import annotations

import json
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.blocks import FieldBlock, ListBlock, RichTextBlock, StreamBlock, StructBlock

from wagtail_live_lms.models import Quiz


def quiz_url(view: str, *args: Any) -> str:
    return reverse(f"wagtail_live_lms_quizzes:{view}", args=args)


def rendered(response: Any) -> dict[str, Any]:
    """Every field of the rendered form, the questions as the editor's scripts put them there."""
    assert response.status_code == 200, response
    page = BeautifulSoup(response.content, "html.parser")
    form = page.select_one("form[data-edit-form]")
    assert form is not None
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        value = _value(field)
        if value is not None:
            data[field["name"]] = value
    bound = response.context["form"]["questions"]
    block = response.context["form"].instance.questions.stream_block
    data |= _posted(block, block.get_form_state(bound.value()), "questions")
    return data


def fill(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The fields with some of them changed; None takes a tick out."""
    changed = {**data, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def save(client: Client, quiz: Quiz, action: str = "", **changes: Any) -> Any:
    """Open a quiz's form, change fields, and press a button: none saves a draft."""
    data = fill(rendered(client.get(quiz_url("edit", quiz.pk))), **changes)
    button = {f"action-{action}": "1"} if action else {}
    return client.post(quiz_url("edit", quiz.pk), {**data, **button})


def _value(field: Any) -> Any:
    match field.name, field.get("type"):
        case "input", "checkbox" | "radio":
            return field.get("value", "on") if field.has_attr("checked") else None
        case "select", _:
            chosen = field.select_one("option[selected]") or field.select_one("option")
            return chosen.get("value", "") if chosen else None
        case "textarea", _:
            return field.get_text().removeprefix("\n")
        case "input", "submit" | "button" | "file":
            return None
    return field.get("value", "")


def _posted(block: Any, state: Any, prefix: str) -> dict[str, Any]:
    match block:
        case StreamBlock():
            data = {f"{prefix}-count": len(state)}
            for index, child in enumerate(state):
                row = f"{prefix}-{index}"
                data |= _row(row, index, child) | {f"{row}-type": child["type"]}
                inner = block.child_blocks[child["type"]]
                data |= _posted(inner, child["value"], f"{row}-value")
            return data
        case ListBlock():
            data = {f"{prefix}-count": len(state)}
            for index, child in enumerate(state):
                data |= _row(f"{prefix}-{index}", index, child)
                data |= _posted(block.child_block, child["value"], f"{prefix}-{index}-value")
            return data
        case StructBlock():
            parts = [
                _posted(inner, state[name], f"{prefix}-{name}")
                for name, inner in block.child_blocks.items()
            ]
            return {name: value for part in parts for name, value in part.items()}
    assert isinstance(block, FieldBlock)
    if isinstance(block, RichTextBlock):
        return {prefix: state if _has_text(state) else "null"}
    if isinstance(state, bool):
        return {prefix: "on"} if state else {}
    if isinstance(state, list):
        state = state[0] if state else ""
    return {prefix: "" if state is None else state}


def _has_text(state: str) -> bool:
    """The editor sends null for a text without content."""
    return any(block["text"] for block in json.loads(state)["blocks"])


def _row(row: str, index: int, child: dict[str, Any]) -> dict[str, Any]:
    return {f"{row}-deleted": "", f"{row}-order": index, f"{row}-id": child["id"] or ""}
