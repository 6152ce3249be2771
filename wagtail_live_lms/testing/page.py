"""A page without a socket: reads rendered HTML, clicks, posts and polls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.test import Client

from .dom import Dom, Element, is_older, parse, put_in_place
from .forms import controls_of, form_data, form_of

_ENDS_POLL = {401: "4401", 403: "4403", 409: "4409"}


class Page:
    """What one tab shows, and the requests that its markup asks for."""

    def __init__(
        self, user: Any = None, *, client: Client | None = None, scripts: bool = True
    ) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        if user is not None:
            self.client.force_login(user)
        self.has_scripts = scripts
        self.response: Any = None
        self.url = ""
        self.dom = Dom("<html></html>")

    # Looking

    @property
    def html(self) -> str:
        return self.dom.html

    @property
    def since(self) -> str:
        """How far the page's components say that they are."""
        return " ".join(root.get("data-live-since", "") for root in self.dom.roots())

    def text(self, css: str) -> str:
        """The words of the one element that matches, spaces squeezed."""
        return " ".join(self.dom.one(css).text_content().split())

    def attributes(self, css: str) -> dict[str, str]:
        """The attributes of the one element that matches."""
        return dict(self.dom.one(css).attrib)

    # Acting

    def open(self, url: str) -> None:
        """Load a page, following redirects."""
        self.load(self.client.get(url, follow=True), url)

    def click(self, css: str) -> None:
        """Click a link, or a button of a form."""
        element = self.dom.one(css)
        if element.tag == "a":
            self._get(element, element.get("hx-get") or element.get("href") or "")
            return
        name = element.get("name")
        self._send(form_of(element), {name: element.get("value", "")} if name else {})

    def submit(self, css: str, values: Mapping[str, Any] | None = None) -> None:
        """Fill in a form's fields and send it, as Enter would."""
        form = self.dom.one(css)
        unknown = set(values or {}) - {control.get("name") for control in controls_of(form)}
        assert not unknown, f"The form has no field named {', '.join(sorted(unknown))}."
        self._send(form, values or {})

    def poll(self) -> None:
        """Ask for each component by HTTP, as a page without a socket does every few seconds."""
        for root in self.dom.roots():
            self._poll(root)

    async def aopen(self, url: str) -> None:
        """`open`, in an async test."""
        await sync_to_async(self.open)(url)

    async def aclick(self, css: str) -> None:
        """`click`, in an async test."""
        await sync_to_async(self.click)(css)

    async def asubmit(self, css: str, values: Mapping[str, Any] | None = None) -> None:
        """`submit`, in an async test."""
        await sync_to_async(self.submit)(css, values)

    async def apoll(self) -> None:
        """`poll`, in an async test."""
        await sync_to_async(self.poll)()

    # Requests and what they bring

    def load(self, response: Any, url: str) -> None:
        """Show another page."""
        chain = getattr(response, "redirect_chain", [])
        self.response, self.url = response, chain[-1][0] if chain else url
        if response.headers.get("Content-Type", "").startswith("text/html"):
            self.dom = Dom(response.content.decode())

    def _get(self, link: Element, url: str) -> None:
        url = self.url.partition("?")[0] + url if url.startswith("?") else url or self.url
        if not (self.has_scripts and link.get("hx-select")):
            self.open(url)
            return
        self.response = self.client.get(url, headers={"HX-Request": "true"})
        page = Dom(self.response.content.decode())
        put_in_place(self.dom.one(link.get("hx-target")), page.one(link.get("hx-select")))
        if link.get("hx-push-url") == "true":
            self.url = url
        self.settle()

    def _send(self, form: Element, values: Mapping[str, Any]) -> None:
        data = {**form_data(form), **values}
        if form.get("method", "get").lower() != "post":
            self._get(form, f"{form.get('action') or ''}?{urlencode(data, doseq=True)}")
        elif self.has_scripts and form.get("hx-post"):
            self._send_by_htmx(form, data)
        else:
            url = form.get("action") or self.url
            headers = {"Referer": f"http://testserver{self.url}"}
            self.load(self.client.post(url, data, follow=True, headers=headers), url)

    def _send_by_htmx(self, form: Element, data: Mapping[str, Any]) -> None:
        headers = {"HX-Request": "true"}
        for field in self.dom.select("input[name=csrfmiddlewaretoken]")[:1]:
            headers["X-CSRFToken"] = field.get("value")
        self.response = self.client.post(form.get("hx-post"), data, headers=headers, follow=True)
        if self.response.headers.get("HX-Refresh") == "true":
            self.open(self.url)
        else:
            self._swap(self.dom.one(form.get("hx-target")), self.response.content.decode())
            self.settle()

    def _swap(self, target: Element, html: str) -> None:
        """Put an answer into the page: errors where they belong, nothing that was overtaken."""
        fresh = parse(html)
        if self.response.status_code >= 400:
            for error in target.cssselect("[data-live-error]"):
                error.drop_tree()
        elif fresh[0].get("id") == target.get("id") and is_older(fresh[0], target):
            return
        if self.response.headers.get("HX-Reswap") == "afterbegin":
            for piece in reversed(fresh):
                target.insert(0, piece)
        else:
            put_in_place(target, fresh[0])

    def _poll(self, root: Element) -> None:
        headers = {"HX-Request": "true"}
        if root.get("data-live-since"):
            headers["If-None-Match"] = f'"{root.get("data-live-since")}"'
        query = {"params": root.get("data-live-params")}
        self.response = self.client.get(root.get("data-live-url"), query, headers=headers)
        if self.response.status_code in _ENDS_POLL:
            self.end(_ENDS_POLL[self.response.status_code], [root])
        elif self.response.status_code == 200:
            root.set("data-live-since", self.response.headers["Live-Since"])
            self.dom.apply(self.response.content.decode())
            self.set_state("stale")

    # States

    def settle(self) -> None:
        """What the script does when the page has changed under it."""

    def set_state(self, state: str) -> None:
        """Show all components as live, stale or offline."""
        for root in self.dom.roots():
            root.set("data-live-state", state)

    def end(self, code: str, roots: Iterable[Element]) -> None:
        """Stop keeping some components up to date, and show why."""
        for root in roots:
            root.set("data-live-state", "offline")
            root.set("data-live-ended", code)
            for banner in root.cssselect(f'[data-live-banner="{code}"]'):
                banner.attrib.pop("hidden", None)
