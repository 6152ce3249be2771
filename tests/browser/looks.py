"""What axe finds on a page, wide and light, narrow and dark, and right to left."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": LEVELS}}
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
LOOKS: dict[str, Any] = {
    "light": (WIDE, "light", "ltr"),
    "narrow and dark": (NARROW, "dark", "ltr"),
    "right to left": (WIDE, "light", "rtl"),
}
"""Size, colours and direction, turned in the open page; a server's own page is `RIGHT_TO_LEFT`."""

TURN = """(direction) => {
    const was = document.documentElement.dir;
    document.documentElement.dir = direction;
    return was;
}"""
RIGHT_TO_LEFT: dict[str, Any] = {"locale": "ar"}
STILL: dict[str, Any] = {"reduced_motion": "reduce"}
"""Of a browser: axe would measure colours in the middle of a transition."""

DUPLICATES = """() => {
    const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place);
}"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def mistakes(page: Page, context: Any = None, *, sideways: bool = False) -> list[str]:
    """What is wrong in each look, in words; `sideways` pages may be wider than the window."""
    found = []
    for name, (size, scheme, direction) in LOOKS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        was = page.evaluate(TURN, direction)
        found += [f"{name}: {mistake}" for mistake in violations(page, context)]
        if not sideways and page.evaluate(OVERFLOW) > 0:
            found.append(f"{name}: {page.evaluate(OVERFLOW)} pixels too wide")
        page.evaluate(TURN, was)
    return found + [f"id used twice: {name}" for name in page.evaluate(DUPLICATES)]


def violations(page: Page, context: Any = None) -> list[str]:
    """What axe finds at WCAG 2.2 AA as the page looks now: the rule, and the element's start."""
    found = Axe().run(page, context, OPTIONS).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
