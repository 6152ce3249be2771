"""A page's elements, changed by frames exactly as `live-lms.js` changes them."""

from __future__ import annotations

from typing import Any

from wagtail_live_lms.live.topics import Position, format_since, parse_since

try:
    from lxml import html as lxml_html  # type: ignore[import-untyped]
except ImportError:  # the rest of the kit works without it
    lxml_html = None

Element = Any
ROOTS = "[data-live-params]"
OF_ROOT = "data-live-root-"
"""What a piece knows of the whole component starts like this."""


class Dom:
    """The parsed HTML of one page."""

    def __init__(self, html: str) -> None:
        if lxml_html is None:
            raise ImportError("FakeBrowser needs lxml: install wagtail-live-lms[testing].")
        self.document = lxml_html.document_fromstring(html)

    @property
    def html(self) -> str:
        return str(lxml_html.tostring(self.document, encoding="unicode"))

    def select(self, css: str) -> list[Element]:
        """All elements that match, in the page's order."""
        return list(self.document.cssselect(css))

    def one(self, css: str) -> Element:
        """The one element that matches; AssertionError for none or several."""
        found = self.select(css)
        assert len(found) == 1, f"{len(found)} elements match {css!r} in:\n{self.html}"
        return found[0]

    def get(self, ident: str) -> Element | None:
        """The element with this id."""
        return self.document.get_element_by_id(ident, None)

    def roots(self) -> list[Element]:
        """The components that are kept up to date."""
        return [root for root in self.select(ROOTS) if root.get("data-live-ended") is None]

    # What arrives

    def apply(self, html: str) -> None:
        """Let each element of a frame take the place of the one with its id, unless it is older.

        One that is not there is put first in the list that it names.
        """
        for fresh in parse(html):
            shown = self.get(fresh.get("id", ""))
            if shown is None:
                self._put_first(self.get(fresh.get("data-live-first-in", "")), fresh)
            elif not is_older(fresh, shown):
                self._replace(shown, fresh)

    def remember(self, since: str) -> None:
        """Take over the positions that a heartbeat tells, where they are further."""
        told = parse_since(since)
        for root in self.roots():
            own = parse_since(root.get("data-live-since", ""))
            at = {topic: _later(told.get(topic), own[topic]) for topic in own}
            root.set("data-live-since", format_since(at))

    def _put_first(self, parent: Element | None, fresh: Element) -> None:
        if parent is not None and not is_older(fresh, root_of(parent)):
            parent.insert(0, fresh)

    def _replace(self, shown: Element, fresh: Element) -> None:
        root = root_of(shown)
        if fresh.get("data-live-delete") is not None:
            shown.drop_tree()
            return
        if fresh.get("data-live-params") is not None:
            fresh.set("data-live-state", shown.get("data-live-state", ""))
        put_in_place(shown, fresh)
        told = {name: value for name, value in fresh.items() if name.startswith(OF_ROOT)}
        if told and root is not None:
            root.set("data-v", fresh.get("data-v", ""))
            for name, value in told.items():
                root.set(f"data-{name.removeprefix(OF_ROOT)}", value)


def _later(told: Position | None, own: Position) -> Position:
    """A page may be further than a heartbeat: a snapshot is read ahead of the changes."""
    is_behind = told is not None and told.epoch == own.epoch and told.seq < own.seq
    return own if told is None or is_behind else told


def parse(html: str) -> list[Element]:
    """The elements of a piece of HTML, rows and list items among them."""
    pieces = lxml_html.fragments_fromstring(html)
    return [piece for piece in pieces if isinstance(getattr(piece, "tag", None), str)]


def is_older(fresh: Element, shown: Element) -> bool:
    """Whether what arrives was overtaken by what is shown."""
    new, old = fresh.get("data-v"), shown.get("data-v")
    if new and old and int(new) < int(old):
        return True
    at = parse_since(shown.get("data-live-since", ""))
    return any(
        topic in at and position.epoch == at[topic].epoch and position.seq < at[topic].seq
        for topic, position in parse_since(fresh.get("data-live-since", "")).items()
    )


def put_in_place(shown: Element, fresh: Element) -> None:
    """Replace an element, keeping the text behind it."""
    fresh.tail = shown.tail
    shown.getparent().replace(shown, fresh)


def root_of(element: Element) -> Element | None:
    """The component an element is part of."""
    ancestors = [element, *element.iterancestors()]
    return next((e for e in ancestors if e.get("data-live-params") is not None), None)
