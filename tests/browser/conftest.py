"""People at their browsers; each test has browser contexts of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain

import pytest
from playwright.sync_api import Browser

from .people import People, Sessions
from .quiz import Taker, taker_in
from .site import ExampleSite, running_copy


@pytest.fixture
def own_site(site: ExampleSite) -> Iterator[Callable[..., ExampleSite]]:
    """Makes a site that the test may stop, kill and configure."""
    with ExitStack() as made:

        def make(*, wsgi: bool = False, **options: object) -> ExampleSite:
            return made.enter_context(running_copy(site, wsgi=wsgi, **options))

        yield make


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    """Who has logged in already."""
    return {}


@pytest.fixture
def people(browser: Browser, site: ExampleSite, sessions: Sessions) -> Iterator[People]:
    """Lets people in. The test fails when a console complains, as of a broken policy."""
    people = People(browser, site, sessions)
    yield people
    complaints = people.complaints()
    people.leave()
    assert complaints == []


@pytest.fixture
def taker(people: People, site: ExampleSite) -> Callable[..., Taker]:
    """Makes a quiz with a student of its own; see `tests/browser/quiz.py`."""
    return taker_in(people, site)


@pytest.fixture(scope="session")
def _students(site: ExampleSite) -> Iterator[str]:
    return chain(site.students(), site.more_students())


@pytest.fixture
def student(_students: Iterator[str]) -> str:
    """A student whom no other test touches."""
    return next(_students)
