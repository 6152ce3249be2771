"""Components as a page's template puts them there, and what is pushed to them later."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from lxml import html as lxml_html

from wagtail_live_lms.live import Component
from wagtail_live_lms.live.log import changes_after
from wagtail_live_lms.live.topics import positions
from wagtail_live_lms.live.windows import Patch, Seat, Window
from wagtail_live_lms.testing import make_request


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


def patches_after(
    component: Component, action: Callable[[], object], *, language: str = "en"
) -> list[Patch] | None:
    """What a window showing the component sends after the action; None for a snapshot."""
    topics = tuple(component.topics())
    before = positions(topics)
    action()
    seat = Seat(component.window())
    window = Window("test", component, language, topics, seats={object(): seat})  # type: ignore[dict-item]
    patches: list[Patch] = []
    for topic, batch in changes_after(before).items():
        answer = window.read(topic, batch, {})
        if answer is None:
            return None
        patches += answer
    return patches


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
