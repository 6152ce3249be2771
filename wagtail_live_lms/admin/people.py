"""Choosing a person, by typing part of a name: no list of all of them, whatever the user model.

The host's own forms keep their widgets: ours is given to our fields by name.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets import BaseChooser
from wagtail.permissions import policy_registry

from wagtail_live_lms.actions import display_name_of
from wagtail_live_lms.models import Course, Enrolment

MAX_TERMS = 5


def describe_person(user: Any) -> str:
    """The full name, and the user name that tells two namesakes apart."""
    name, username = display_name_of(user), user.get_username()
    return name if name == username else f"{name} ({username})"


def active_people() -> QuerySet[Any]:
    """Those who can log in, as far as the user model says."""
    people = get_user_model()._default_manager.all()
    return people.filter(is_active=True) if has_user_field("is_active") else people


def has_user_field(name: str) -> bool:
    """Whether the site's user model has this column."""
    try:
        return bool(get_user_model()._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False


def search_people(people: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Those in whose names or address each of the words occurs."""
    user_model = get_user_model()
    candidates = (user_model.USERNAME_FIELD, "first_name", "last_name", email_field(user_model))
    fields = {name for name in candidates if name and has_user_field(name)}
    for term in query.split()[:MAX_TERMS]:
        people = people.filter(Q.create([(f"{name}__icontains", term) for name in fields], Q.OR))
    return people


def can_choose_people(user: Any) -> bool:
    """Whether this editor's work needs the list of people: courses to staff, students to enrol."""
    return any(
        policy_registry.get_by_type(model).user_has_any_permission(user, {"add", "change"})
        for model in (Course, Enrolment)
    )


def email_field(user_model: Any) -> str:
    """The name of the column with the address; empty where the model names none."""
    return getattr(user_model, "EMAIL_FIELD", "")


class PeopleFilterForm(BaseFilterForm):
    """The search field above the list."""

    q = forms.CharField(
        label=_("Name, user name or e-mail address"),
        widget=forms.TextInput(attrs={"placeholder": _("Search")}),
        required=False,
    )

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        query = self.cleaned_data["q"]
        if not query:
            return objects
        self.is_searching, self.search_query = True, query
        return search_people(objects, query)


class PeopleOnlyForStaff:
    """Refuses editors whose work has nothing to do with students: names are personal data."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_choose_people(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class PeopleListing(PeopleOnlyForStaff):
    """People in the order of their user names, which every user model has an index on."""

    filter_form_class = PeopleFilterForm

    @property
    def ordering(self) -> str:
        return get_user_model().USERNAME_FIELD

    def get_object_list(self) -> QuerySet[Any]:
        return active_people()

    @property
    def columns(self) -> list[Column]:
        columns = super().columns  # type: ignore[misc]
        email = email_field(get_user_model())
        if email and has_user_field(email):
            columns.append(Column(email, label=_("E-mail address")))
        return columns

    @property
    def title_column(self) -> TitleColumn:
        column = super().title_column  # type: ignore[misc]
        column.label, column.accessor = _("Name"), describe_person
        return column


class ChoosePersonView(PeopleListing, chooser.ChooseView):
    """The window with the list."""


class ChoosePersonResultsView(PeopleListing, chooser.ChooseResultsView):
    """The list alone, after a search or on another page."""


class NamesPeople(PeopleOnlyForStaff):
    """Shows who was chosen the way the list did."""

    def get_display_title(self, user: Any) -> str:
        return describe_person(user)


class PersonChosenView(NamesPeople, chooser.ChosenView):
    """One person was chosen."""


class PeopleChosenView(NamesPeople, chooser.ChosenMultipleView):
    """Several people were chosen."""


class PatientChooser:
    """A chooser's field that shows nothing where its value is no id; the form says the rest."""

    def get_instance(self, value: Any) -> Any:
        try:
            return super().get_instance(value)  # type: ignore[misc]
        except ValueError:
            return None


class PersonChooserWidget(PatientChooser, BaseChooser):
    """The form field's chooser."""

    def get_display_title(self, user: Any) -> str:
        return describe_person(user)


class PersonChooserViewSet(ChooserViewSet):
    """The chooser of people, used by our forms alone."""

    model = settings.AUTH_USER_MODEL
    register_widget = False
    icon = "user"
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    edit_item_text = _("Edit this person")
    choose_view_class = ChoosePersonView
    choose_results_view_class = ChoosePersonResultsView
    chosen_view_class = PersonChosenView
    chosen_multiple_view_class = PeopleChosenView
    base_widget_class = PersonChooserWidget


person_chooser = PersonChooserViewSet("wagtail_live_lms_people", url_prefix="live-lms/people")
