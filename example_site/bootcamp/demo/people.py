"""The people of the demo. All share one password, which is printed and meant to be known."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission

from example_site.bootcamp.demo import PASSWORD

STUDENT_NAMES = (
    "Amara Okafor",
    "Ben Castillo",
    "Chiara Ricci",
    "Daniel Weiss",
    "Elif Yılmaz",
    "Farid Haddad",
    "Grace Mbeki",
    "Hannah Lindqvist",
    "Ibrahim Diallo",
    "Julia Nowak",
    "Kenji Tanaka",
    "Leila Ahmadi",
    "Mateo Fernández",
    "Nadia Petrova",
    "Oliver Hughes",
    "Priya Raman",
    "Quentin Moreau",
    "Rosa Oliveira",
    "Samuel Adeyemi",
    "Tuuli Virtanen",
    "Uma Krishnan",
    "Viktor Horváth",
    "Wei Zhang",
    "Ximena Rojas",
    "Yara Khalil",
    "Zoltán Kiss",
    "Aoife Byrne",
    "Bruno Keller",
    "Camille Laurent",
    "Dimitra Pappas",
)


@dataclass
class People:
    admin: object
    editor: object
    instructor: object
    students: list[object]


def load_people() -> People:
    """Create who is missing. People who exist keep their names, passwords and groups."""
    password = make_password(PASSWORD)  # one hash for all: hashing is slow on purpose
    people = People(
        admin=_person("admin", "Ada", "Admin", password, is_staff=True, is_superuser=True),
        editor=_person("editor", "Edith", "Novak", password),
        instructor=_person("instructor", "Ingrid", "Solberg", password),
        students=[
            _person(f"student{number}", *name.split(" ", 1), password)
            for number, name in enumerate(STUDENT_NAMES, start=1)
        ],
    )
    editors = Group.objects.get(name="Editors")
    editors.permissions.add(*_course_permissions())
    people.editor.groups.add(editors, Group.objects.get(name="Moderators"))  # who may publish
    return people


def _person(username: str, first: str, last: str, password: str, **flags: bool) -> object:
    defaults = {
        "first_name": first,
        "last_name": last,
        "email": f"{username}@example.com",
        "password": password,
        **flags,
    }
    return get_user_model().objects.get_or_create(username=username, defaults=defaults)[0]


def _course_permissions() -> list[Permission]:
    """Editors may edit courses and notebooks; a migration of Wagtail lets them edit pages."""
    return list(
        Permission.objects.filter(
            content_type__app_label="wagtail_live_lms",
            codename__in=[
                f"{what}_{model}"
                for what in ("add", "change")
                for model in ("course", "notebooklesson")
            ],
        )
    )
