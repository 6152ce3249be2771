"""Enrolling or withdrawing a whole list of people: looked at first, then done all at once."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_live_lms import actions
from wagtail_live_lms.models import Course, Enrolment

from .enrolment_actions import CourseChooser
from .links import enrolment_url, students_url
from .people import active_people, describe_person, email_field, has_user_field
from .policies import watched_courses
from .uploads import MAX_BYTES, TextOrFileForm

ENROL, WITHDRAW = "enrol", "withdraw"
VERBS = {ENROL: gettext_lazy("Enrol them"), WITHDRAW: gettext_lazy("Withdraw them")}
NEEDED = {ENROL: "add", WITHDRAW: "delete"}
HEADINGS = {"username", "user name", "user", "email", "e-mail", "mail", "login"}
MOST = 2000
"""Lines in one list."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: whom it names, or why it is left out."""

    number: int
    text: str
    user: Any = None
    reason: str = ""

    @property
    def person(self) -> str:
        """The account that was found."""
        return describe_person(self.user)


class ManyStudentsForm(TextOrFileForm):
    """A course, what to do, and a list, of which the lines are in `good` or in `bad`."""

    course: Any = forms.ModelChoiceField(
        queryset=Course.objects.none(), label=gettext_lazy("Course"), widget=CourseChooser
    )
    verb = forms.ChoiceField(
        label=gettext_lazy("What to do"), widget=forms.RadioSelect, initial=ENROL
    )
    text = forms.CharField(
        label=gettext_lazy("People"),
        help_text=gettext_lazy(
            "One user name or e-mail address a line. Of a table, as pasted from a spreadsheet, "
            "the first column is read."
        ),
        required=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    field_order = ["course", "verb", "text", "file"]
    missing = gettext_lazy("Paste a list or choose a file.")

    def __init__(
        self, *args: Any, courses: QuerySet[Course], verbs: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]
        self.fields["verb"].choices = [(verb, VERBS[verb]) for verb in verbs]  # type: ignore[attr-defined]
        self.good: list[Line] = []
        self.bad: list[Line] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        try:
            entries = list(read_entries(self.source))
        except csv.Error as error:
            message = gettext("The list cannot be read. Put one person on each line.")
            raise forms.ValidationError(message) from error
        if len(entries) > MOST:
            message = gettext("These are %(count)d lines. Split them into lists of %(most)d.")
            raise forms.ValidationError(message % {"count": len(entries), "most": MOST})
        if "course" in cleaned and "verb" in cleaned:
            lines = list(match_people(entries, cleaned["course"], cleaned["verb"]))
            self.good = [line for line in lines if not line.reason]
            self.bad = [line for line in lines if line.reason]
        return cleaned


class ManyStudentsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Shows what a list would do; does it when that is confirmed."""

    model = Enrolment
    any_permission_required = [*NEEDED.values()]
    page_title = gettext_lazy("Enrol or withdraw many")
    header_icon = "group"
    template_name = "wagtail_live_lms/admin/many_students.html"
    form_class = ManyStudentsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        verbs = [verb for verb, needed in NEEDED.items() if self.user_has_permission(needed)]
        courses = watched_courses(self.request)
        return {**super().get_form_kwargs(), "courses": courses, "verbs": verbs}

    def get_initial(self) -> dict[str, Any]:
        course = self.request.GET.get("course", "")
        return {"course": int(course)} if course.isdecimal() else {}

    def form_valid(self, form: Any) -> HttpResponse:
        verb = form.cleaned_data["verb"]
        if "confirm" not in self.request.POST or not form.good:
            context = self.get_context_data(
                form=form.with_text(), is_read=True, is_enrolling=verb == ENROL
            )
            return self.render_to_response(context)
        course, people = form.cleaned_data["course"], [line.user for line in form.good]
        change = enrol_all if verb == ENROL else withdraw_all
        change(course, people, by=self.request.user)
        messages.success(self.request, self._done(verb, len(people), course))
        return redirect(students_url(course.pk))

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form.with_text()))

    def _done(self, verb: str, count: int, course: Course) -> str:
        if verb == ENROL:
            said = ngettext(
                "%(count)d student now takes %(course)s.",
                "%(count)d students now take %(course)s.",
                count,
            )
        else:
            said = ngettext(
                "%(count)d student no longer takes %(course)s. What they completed is kept.",
                "%(count)d students no longer take %(course)s. What they completed is kept.",
                count,
            )
        return said % {"count": count, "course": course.title}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        enrolments = {"url": enrolment_url("index"), "label": gettext("Enrolments")}
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, enrolments, here]


def enrol_all(course: Course, people: list[Any], *, by: Any) -> None:
    """Enrol all of them or none."""
    with transaction.atomic():
        for user in people:
            actions.enrol(course, user, by=by)


def withdraw_all(course: Course, people: list[Any], *, by: Any) -> None:
    """End the enrolments of all of them or of none."""
    with transaction.atomic():
        current = Enrolment.objects.current().filter(course=course, user__in=people)
        for enrolment in current:
            actions.withdraw(enrolment, by=by)


def read_entries(text: str) -> Iterator[tuple[int, str]]:
    """The first column with the line it is on; without empty lines and a heading."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    is_first = True
    for row in rows:
        entry = row[0].strip() if row else ""
        if entry and not (is_first and entry.lower() in HEADINGS):
            yield rows.line_num, entry[:254]
        is_first = is_first and not entry


def match_people(entries: list[tuple[int, str]], course: Course, verb: str) -> Iterator[Line]:
    """Whom each entry names, or why it is left out. The list's length changes no query."""
    known = _accounts({entry for _, entry in entries})
    current = set(Enrolment.objects.current().filter(course=course).values_list("user", flat=True))
    seen: dict[Any, int] = {}
    for number, entry in entries:
        found = known.get(entry) or known.get(entry.lower(), set())
        user: Any = next(iter(found), None)
        reason = _refusal(found, user, verb, current) or _repeated(user, seen)
        if not reason:
            seen[user.pk] = number
        yield Line(number, entry, None if reason else user, reason)


def _accounts(entries: set[str]) -> dict[str, set[Any]]:
    """People who can log in, by user name and, in small letters, by e-mail address."""
    name, address = get_user_model().USERNAME_FIELD, email_field(get_user_model())
    wanted = Q(**{f"{name}__in": entries})
    people = active_people()
    if address and has_user_field(address):
        people = people.annotate(live_lms_address=Lower(address))
        wanted |= Q(live_lms_address__in={entry.lower() for entry in entries})
    known: dict[str, set[Any]] = defaultdict(set)
    by_name: dict[str, set[Any]] = {}
    for user in people.filter(wanted):
        by_name[user.get_username()] = {user}
        known[str(getattr(user, "live_lms_address", "")).lower()].add(user)
    return known | by_name  # a user name is nobody else's, whatever addresses there are


def _refusal(found: set[Any], user: Any, verb: str, current: set[Any]) -> str:
    if user is None:
        return gettext("Nobody who can log in has this user name or address.")
    if len(found) > 1:
        return gettext("Several accounts have this address. Give the user name.")
    if verb == ENROL and user.pk in current:
        return gettext("Takes the course already.")
    if verb == WITHDRAW and user.pk not in current:
        return gettext("Does not take the course.")
    return ""


def _repeated(user: Any, seen: dict[Any, int]) -> str:
    if user.pk not in seen:
        return ""
    return gettext("Named on line %(line)d already.") % {"line": seen[user.pk]}
