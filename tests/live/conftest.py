"""The toy site, for the tests of this folder alone: others count the site's components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.factories import make_user
from tests.live import toys
from tests.toy.models import Room


@pytest.fixture(autouse=True)
def toy_site(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.toy.urls"
    cache.clear()
    toys.install()
    yield
    toys.uninstall()


@pytest.fixture
def ada(db: None) -> Any:
    return make_user("Ada Lovelace", username="ada")


@pytest.fixture
def eve(db: None) -> Any:
    return make_user("Eve Stranger", username="eve")


@pytest.fixture
def room(ada: Any) -> Room:
    """A room that Ada is in, and Eve is not."""
    room = Room.objects.create(name="Library")
    room.members.add(ada)
    return room
