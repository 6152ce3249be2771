"""A student's page in a real Chromium: when the word in its corner appears."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.async_api import Page, Route, async_playwright

from .data import Person

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LIVE = '[data-live-component="grade_notification"][data-live-state="live"]'
KEEP_TOASTS = """
window.toasts = [];
new MutationObserver(() => {
  for (const { textContent } of document.querySelectorAll(".live-lms-toast"))
    if (!window.toasts.some(([text]) => text === textContent))
      window.toasts.push([textContent, performance.timeOrigin + performance.now()]);
}).observe(document, { childList: true, subtree: true });
"""
WHEN = "words => (window.toasts.find(([text]) => text.includes(words)) || [])[1]"


class Toasts:
    """The toasts of an open page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def when(self, words: str) -> float:
        """The clock, in seconds since 1970, when a toast with these words appeared."""
        found = await self._page.wait_for_function(WHEN, arg=words)
        return float(await found.json_value()) / 1000


@asynccontextmanager
async def open_page(chromium: Path, url: str, person: Person) -> AsyncIterator[Toasts]:
    """A person's page, kept up to date by its own socket."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = await browser.new_context()
        await context.add_cookies([{"name": "sessionid", "value": person.session, "url": url}])
        page = await context.new_page()
        await page.add_init_script(KEEP_TOASTS)
        await page.route(f"**{settings.STATIC_URL}**", _fulfil)
        await page.goto(url)
        await page.wait_for_selector(LIVE)
        yield Toasts(page)
        await browser.close()


async def _fulfil(route: Route) -> None:
    """Static files come from a web server on a real site, not from the one that is measured."""
    name = urlsplit(route.request.url).path.removeprefix(settings.STATIC_URL)
    found = finders.find(name)
    await (route.fulfill(path=str(found)) if found else route.abort())
