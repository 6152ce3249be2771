"""Components as a page's template puts them there, and what is pushed to them later."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from lxml import html as lxml_html

from wagtail_live_lms.live import RESNAPSHOT, Component, Fragment, Message
from wagtail_live_lms.testing import assert_pushes, make_request


def page_request(user: Any, url: str = "/") -> HttpRequest:
    """A GET of a page by this user."""
    request = RequestFactory().get(url)
    signed_in = make_request(user)
    request.user, request.session = signed_in.user, signed_in.session
    return request


def render_component(user: Any, name: str, query: str = "", **params: Any) -> str:
    """What `{% live_component %}` puts on the page `/<query>`."""
    arguments = " ".join(f"{key}={key}" for key in params)
    template = Template("{% load live_lms %}{% live_component '" + name + "' " + arguments + " %}")
    return template.render(Context({"request": page_request(user, f"/{query}"), **params}))


@dataclass(frozen=True, slots=True)
class Patch:
    """What a window is sent; `html` is None for what it does not show."""

    key: str
    html: str | None
    for_all: bool


def patches_after(
    component: Component, action: Callable[[], object], *, language: str = "en"
) -> list[Patch] | None:
    """What the component has its window sent after the action; None for a snapshot."""
    with assert_pushes() as pushes:
        action()
    topics, shown = set(component.topics()), component.window()
    patches: list[Patch] = []
    for push in pushes.recorded:
        if push.topic not in topics:
            continue
        rows = type(component).load_changes(push.topic, push.kind, [push.object_id])
        record = rows.get(push.object_id)
        with translation.override(language):
            answer = component.on_ws_message(
                Message(push.topic, 1, push.kind, push.object_id, record)
            )
            if answer is RESNAPSHOT:
                return None
            patches += [_patch(fragment, shown) for fragment in answer]  # type: ignore[union-attr]
    return patches


def _patch(fragment: Fragment, shown: frozenset[str]) -> Patch:
    is_wanted = fragment.for_all or fragment.key in shown
    return Patch(fragment.key, str(fragment.html()) if is_wanted else None, fragment.for_all)


def ids_of(patches: list[Patch] | None) -> list[str]:
    """The ids of the elements that patches replace."""
    assert patches is not None
    return [
        match for p in patches for match in re.findall(r'^<\w+[^>]*? id="([^"]+)"', p.html or "")
    ]


def element(html: str, xpath: str) -> Any:
    """The one element at the path."""
    found = lxml_html.fragment_fromstring(html, create_parent=True).xpath(xpath)
    assert len(found) == 1, f"{len(found)} elements at {xpath} in {html}"
    return found[0]


def texts(html: str, xpath: str) -> list[str]:
    """The words of each element at the path, spaces made single."""
    found = lxml_html.fragment_fromstring(html, create_parent=True).xpath(xpath)
    return [" ".join(node.text_content().split()) for node in found]
