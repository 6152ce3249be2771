"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from scripts.parts import CHROMIUM, POSTGRES, REDIS, Part, is_ci
from tests import database
from tests.browser.site import ExampleSite
from tests.services import PostgresServer, RedisServer


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, in whatever order they are: none is left over when the rest has ended."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    """A request leaves its language to its thread, as on a server until the next one."""
    yield
    translation.deactivate()


CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def require(part: Part) -> None:
    """Skip where a program is missing; on CI a missing program is a failure."""
    if part.find() is not None:
        return
    if is_ci():
        pytest.fail(part.advice)
    pytest.skip(part.advice)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis of this test process; a test that ended it must start it again."""
    require(REDIS)
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL of this test process; a test that ended it must start it again."""
    require(POSTGRES)
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    require(CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM.find()), args=CHROMIUM_ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site() -> Iterator[ExampleSite]:
    """The demo, shared by the tests that change no more than a student of their own."""
    require(CHROMIUM)
    site = ExampleSite()
    try:
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="session")
def django_db_keepdb(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_use_migrations: bool,
) -> bool:
    """True when the test database starts as a copy of one that was migrated before."""
    return django_db_use_migrations and database.copy_template()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_use_migrations: bool,
    django_db_keepdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """pytest-django's database, remembered for the next run."""
    if django_db_use_migrations:
        with django_db_blocker.unblock():
            database.save_template()
    yield
    if django_db_keepdb:
        with django_db_blocker.unblock():
            database.remove_test_database()
