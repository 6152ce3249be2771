"""CPU of one row's update: ours from the write to the HTML, against a peer that carries its rows.

The peer is component-framework 0.6.0. Its serialiser refuses a state above 512 KB, so at 10,000
rows it could not be used at all; what is measured is its dispatch without serialising or signing.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from component_framework.adapters.django_renderer import DjangoRenderer
from component_framework.core import Component, ComponentError, StateSerializer
from django.http import HttpRequest

from wagtail_live_lms.components.instructor_dashboard import InstructorDashboard
from wagtail_live_lms.live.log import changes_after
from wagtail_live_lms.live.windows import Seat, Window
from wagtail_live_lms.models import Enrolment

from .data import MODULES, Roster
from .plan import Bench
from .results import Row, Samples, Target
from .site.publishing import Order, commit_and_hint

TARGETS = {1_000: Target(">=", 10), 10_000: Target(">=", 100)}
UPDATES = 20


class PeerDashboard(Component):
    """The roster as component state; an event changes one row and renders the component."""

    template_name = "benchmarks/roster.html"
    renderer = DjangoRenderer()

    def on_complete(self, index: int) -> None:
        row = self.state["rows"][index]
        row["done"] = min(MODULES, row["done"] + 1)
        row["percent"] = row["done"] * 100 // MODULES
        row["version"] += 1


def measure(bench: Bench) -> Iterator[Row]:
    """One row for each size of roster."""
    logging.getLogger("component_framework").setLevel(logging.ERROR)  # it warns of large states
    for size, target in TARGETS.items():
        roster = bench.rosters[size]
        ours, theirs = Samples("ours", "ms CPU"), Samples("component-framework 0.6.0", "ms CPU")
        state = _peer_state(roster)
        update = _our_update(roster)
        for _ in range(bench.effort.repetitions):
            ours.add(_cpu_of(update, UPDATES))
            theirs.add(_cpu_of(lambda state=state: _dispatch(state), max(2, UPDATES // 5)))
        what = f"server CPU of one row's update, roster of {size:,}"
        yield Row(what, ours, theirs, target, note=_note(state))


def _cpu_of(work: Callable[[], Any], times: int) -> list[float]:
    work()
    values = []
    for _ in range(times):
        at = time.process_time()
        work()
        values.append((time.process_time() - at) * 1000)
    return values


def _our_update(roster: Roster) -> Callable[[], None]:
    """Write the row and its change, commit, read the change and the row as the hub does, render."""
    request = HttpRequest()
    request.user = roster.instructors[0].user
    request.session = {}  # type: ignore[assignment]
    component = InstructorDashboard(request, {"course_id": roster.course.pk})
    window = Window(component.key, component, "en", tuple(component.topics()))
    seat = window.seats.setdefault(None, Seat())  # type: ignore[arg-type]
    position = dict(window.take_snapshot(seat).at)
    enrolment_id = roster.first_enrolment

    def update() -> None:
        version = Enrolment.objects.values_list("version", flat=True).get(pk=enrolment_id) + 1
        commit_and_hint(Order("ours", enrolment_id, version))
        for topic, batch in changes_after(position).items():
            patches = window.read(topic, batch, {})
            window.handed_out(is_owed=False)
            position[topic] = batch.position
            if not patches or f'data-v="{version}"' not in (patches[0].html or ""):
                raise RuntimeError("The row was not rendered")

    return update


def _peer_state(roster: Roster) -> dict[str, Any]:
    rows = [
        {
            "id": enrolment.user_id,
            "name": enrolment.display_name,
            "percent": enrolment.percent,
            "done": enrolment.completed_count,
            "activity": enrolment.last_activity.isoformat(),
            "version": enrolment.version,
        }
        for enrolment in Enrolment.objects.filter(course=roster.course)
    ]
    return {"rows": rows, "modules": MODULES}


def _dispatch(state: dict[str, Any]) -> None:
    component = PeerDashboard(component_id="roster")
    component.dispatch(event="complete", payload={"index": 0}, state=state)


def _note(state: dict[str, Any]) -> str:
    try:
        size = len(StateSerializer.serialize(state))
    except ComponentError as error:
        return f"dispatch only, because the peer's serialiser refuses: {error}"
    return f"dispatch only; serialised, its state has {size:,} bytes"
