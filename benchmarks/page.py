"""The example site's dashboard page, whole: middleware, page tree, component, HTML."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from .data import Roster
from .plan import Bench
from .results import Row, Samples, Target


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen of the page of one roster."""

    times: Samples
    queries: Samples
    own_queries: Samples
    """Queries that the same page makes only with a dashboard on it."""
    sizes: Samples


def measure(bench: Bench) -> Iterator[Row]:
    """Queries, time and size of the page of the largest roster against the smallest."""
    rosters = (bench.smallest, bench.largest)
    small, large = (_nothing_yet(roster) for roster in rosters)
    browsers = [_browser(roster) for roster in rosters]
    for _ in range(bench.effort.repetitions):
        loads: list[list[float]] = [[], []]
        for _ in range(bench.effort.page_loads):
            for values, browser, roster in zip(loads, browsers, rosters, strict=True):
                values.append(_load(browser, roster.dashboard_url)[0])
        for found, values, browser, roster in zip(
            (small, large), loads, browsers, rosters, strict=True
        ):
            found.times.add(values)
            _add_queries(found, browser, roster)
    what = f"dashboard page, {bench.largest.size:,} students"
    note = "a whole page of the example site; at most as many as for the smallest roster"
    yield Row(f"{what}: all queries", large.queries, small.queries, Target("<=", 1), note)
    note = "with the dashboard, less those of the same page without it"
    at_most = Target("<=", 12, "ours", "")
    yield Row(f"{what}: the dashboard's", large.own_queries, small.own_queries, at_most, note)
    yield Row(f"{what}: time", large.times, small.times, Target("<=", 1.5))
    yield Row(f"{what}: HTML", large.sizes, small.sizes, Target("<=", 60, "ours", "KB"))


def _nothing_yet(roster: Roster) -> Found:
    units = ("ms", "queries", "queries", "KB")
    return Found(*(Samples(f"{roster.size:,} students", unit) for unit in units))


def _browser(roster: Roster) -> Client:
    browser = Client()
    browser.cookies["sessionid"] = roster.instructors[0].session
    _load(browser, roster.dashboard_url)  # what is loaded and cached once is not counted
    return browser


def _load(browser: Client, url: str) -> tuple[float, bytes]:
    at = time.perf_counter()
    response = browser.get(url, headers={"host": "127.0.0.1"})
    seconds = time.perf_counter() - at
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return seconds * 1000, response.content


def _add_queries(found: Found, browser: Client, roster: Roster) -> None:
    with CaptureQueriesContext(connection) as all_queries:
        _, content = _load(browser, roster.dashboard_url)
    if content.count(b'<tr id="student-') != min(50, roster.size):
        raise RuntimeError(f"{roster.dashboard_url} shows no roster")
    with CaptureQueriesContext(connection) as other_queries:
        _load(browser, roster.empty_url)
    found.queries.add([len(all_queries)])
    found.own_queries.add([len(all_queries) - len(other_queries)])
    found.sizes.add([len(content) / 1024])
