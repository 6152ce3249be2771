"""Every student of a course, in a table whose rows change as it happens."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.functional import Promise

from wagtail_live_lms import conf
from wagtail_live_lms.actions.changes import COURSE, ENROLMENT, ROWS, instructor_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    Message,
    Once,
    RowId,
    ShortText,
    registry,
)
from wagtail_live_lms.models import Course

from .overdue import settle_on_request
from .permissions import IsInstructor
from .roster import (
    SHOW_LABELS,
    VIEW_LABELS,
    RosterRecord,
    Selection,
    Show,
    Sort,
    read_figures,
    read_modules,
    read_page,
    read_quizzes,
    read_records,
    read_totals,
    records_of,
    sort_link,
)

FOLDER = "wagtail_live_lms/instructor_dashboard"


@registry.register("instructor_dashboard")
class InstructorDashboard(Component):
    """A window of the roster: 50 students a page, searched, sorted and filtered by the URL.

    Rows are patched where they stand. A change that would move a row, or that is on another
    page, is only counted, and the order is refreshed when the instructor asks for it.
    """

    template_name = f"{FOLDER}/component.html"
    snapshot_template_name = f"{FOLDER}/snapshot.html"
    permission_classes = (IsInstructor,)
    query_params = ("q", "sort", "show", "view", "page")
    shared = True

    def mount(
        self,
        course_id: RowId,
        q: ShortText = "",
        sort: Sort = "name",
        show: Show = "all",
        view: Literal["table", "matrix", "quizzes"] = "table",
        page: RowId = 1,
    ) -> None:
        settle_on_request(self)
        selection = Selection(course_id, q, sort, show, page)
        totals = read_totals(course_id)
        roster_page = read_page(selection, totals)
        records = records_of(roster_page.rows)
        self.state = {
            "course": Course.objects.get(pk=course_id),
            "selection": selection,
            "page": roster_page,
            "records": list(records.values()),
            "taken_off": set(),
            "figures": read_figures(course_id, totals),
            "module_count": totals.module_count,
            "modules": read_modules(course_id) if view == "matrix" else [],
            "quizzes": read_quizzes(course_id) if view == "quizzes" else [],
            "row_template": f"{FOLDER}/{view}_row.html",
        }

    def topics(self) -> list[str]:
        return [instructor_topic(self.params["course_id"])]

    def window(self) -> frozenset[str]:
        return frozenset(_key(record.enrolment.pk) for record in self.state["records"])

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, RosterRecord]:
        return read_records(ids) if kind == ENROLMENT else {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind in (COURSE, ROWS):
            return RESNAPSHOT
        if message.kind != ENROLMENT:  # whatever else happened, the student's row tells it
            return ()
        record: RosterRecord | None = message.record
        key = _key(message.object_id)
        if record is None:  # deleted, and with it what its row was called
            return RESNAPSHOT
        if record.is_gone:
            self.state["taken_off"].add(key)
        elif key in self.state["taken_off"] or self._has_room_for(key):
            return RESNAPSHOT  # there is no row to be patched
        return self._patch(key, record, message)

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        course_id = self.params["course_id"]
        figures = once(("figures", course_id), lambda: read_figures(course_id))
        yield self.fragment("figures", f"{FOLDER}/figures.html", for_all=True, figures=figures)

    def elsewhere(self, count: int) -> Fragment:
        return self.fragment(
            "elsewhere", f"{FOLDER}/elsewhere.html", count=count, refresh_query=self.query()
        )

    def get_context(self) -> dict[str, Any]:
        page = self.state["page"]
        return {
            "view": self.params["view"],
            "columns": {name: self._column(name) for name in ("name", "progress", "activity")},
            "views": [self._view(name, label) for name, label in VIEW_LABELS.items()],
            "show_labels": SHOW_LABELS,
            "active_minutes": conf.current().ACTIVE_MINUTES,
            "previous_query": self.query(page=page.number - 1) if page.number > 1 else "",
            "next_query": self.query(page=page.number + 1) if page.number < page.pages else "",
        }

    def _view(self, name: str, label: str | Promise) -> dict[str, Any]:
        is_current = name == self.params["view"]
        return {
            "name": name,
            "label": label,
            "query": self.query(view=name),
            "is_current": is_current,
        }

    def _column(self, name: str) -> dict[str, str]:
        turned, direction = sort_link(self.params["sort"], name)
        return {"name": name, "direction": direction, "query": self.query(sort=turned, page=1)}

    def query(self, **changed: Any) -> str:
        """The page's query string with some parameters changed; defaults are left out."""
        defaults = {n: f.default for n, f in self.params_model.model_fields.items()}
        wanted = {name: self.params[name] for name in self.query_params} | changed
        return "?" + urlencode({n: v for n, v in wanted.items() if v != defaults[n]})

    def _patch(self, key: str, record: RosterRecord, message: Message) -> Iterable[Fragment]:
        def row() -> str:
            return message.once(
                self.state["row_template"],
                lambda: render_to_string(
                    self.state["row_template"],
                    {
                        "record": record,
                        "modules": self.state["modules"],
                        "quizzes": self.state["quizzes"],
                        "module_count": self.state["module_count"],
                    },
                ),
            )

        yield Fragment(key, row)
        if not self.params["sort"].endswith("name"):
            yield self.fragment(
                key, f"{FOLDER}/order.html", part="order", refresh_query=self.query()
            )

    def _has_room_for(self, key: str) -> bool:
        """Somebody new belongs on the only page, while it is not full."""
        page = self.state["page"]
        if page.pages > 1 or not self.state["selection"].is_whole_roster:
            return False
        return page.has_room and key not in self.window()


def _key(enrolment_id: int) -> str:
    return f"enrolment-{enrolment_id}"
