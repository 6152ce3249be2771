"""The chooser of people."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user
from wagtail_live_lms.admin.people import describe_person, has_user_field, search_people

from .conftest import EditorClient, people_url

pytestmark = pytest.mark.django_db


class Account:
    """A person of a site whose user model is no more than Django's AbstractBaseUser."""

    def __init__(self, username: str) -> None:
        self.username = username

    def get_username(self) -> str:
        return self.username


def found(query: str) -> set[str]:
    people = get_user_model().objects.all()
    return set(search_people(people, query).values_list("username", flat=True))


class TestTheList:
    def test_names_people_with_their_user_names(self, superuser: Client) -> None:
        make_user("Ada Lovelace", username="ada", email="ada@example.com")
        page = superuser.get(people_url("choose")).json()["html"]
        assert "Ada Lovelace (ada)" in page
        assert "ada@example.com" in page

    def test_leaves_out_those_who_cannot_log_in(self, superuser: Client) -> None:
        make_user("Ada Lovelace", is_active=False)
        assert "Lovelace" not in superuser.get(people_url("choose_results")).content.decode()

    def test_is_paged_in_the_same_number_of_queries_for_any_number_of_people(
        self, superuser: Client
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                response = superuser.get(people_url("choose_results"))
            assert len(response.content) < 60_000
            return len(captured)

        queries()
        few = queries()
        get_user_model().objects.bulk_create(
            get_user_model()(username=f"crowd{n}") for n in range(500)
        )
        assert queries() == few

    @pytest.mark.parametrize("params", [{"q": "'; --%"}, {"q": "x " * 2000}, {"q": ""}])
    def test_survives_any_query(self, superuser: Client, params: dict[str, str]) -> None:
        assert superuser.get(people_url("choose_results"), params).status_code == 200

    def test_is_searched(self, superuser: Client) -> None:
        make_user("Ada Lovelace")
        make_user("Grace Hopper")
        page = superuser.get(people_url("choose_results"), {"q": "grace hop"}).content.decode()
        assert "Hopper" in page
        assert "Lovelace" not in page


class TestNaming:
    def test_a_user_model_without_a_full_name_is_named_by_its_user_name(self) -> None:
        assert describe_person(Account("ada")) == "ada"


class TestSearching:
    def test_finds_each_word_in_any_name_or_the_address(self) -> None:
        make_user("Ada Lovelace", username="countess", email="ada@example.com")
        make_user("Ada Yonath", username="ribosome")
        assert found("ada") == {"countess", "ribosome"}
        assert found("love ADA") == {"countess"}
        assert found("ribo") == {"ribosome"}
        assert found("example.com") == {"countess"}
        assert found("ada nobody") == set()

    def test_uses_the_columns_the_user_model_has(self) -> None:
        assert has_user_field("first_name")
        assert not has_user_field("favourite_colour")
        assert not has_user_field("live_lms_enrolments")


class TestChoosing:
    def test_answers_with_the_name(self, superuser: Client) -> None:
        ada = make_user("Ada Lovelace", username="ada")
        result = superuser.get(people_url("chosen", ada.pk)).json()["result"]
        assert (result["id"], result["title"]) == (str(ada.pk), "Ada Lovelace (ada)")

    def test_several_at_once(self, superuser: Client) -> None:
        people = [make_user("Ada Lovelace"), make_user(username="grace")]
        response = superuser.get(
            people_url("chosen_multiple"), {"id": [person.pk for person in people]}
        )
        titles = [chosen["title"] for chosen in response.json()["result"]]
        assert titles == [f"Ada Lovelace ({people[0].username})", "grace"]


class TestPermissions:
    @pytest.mark.parametrize("codename", ["add_course", "change_course", "add_enrolment"])
    def test_those_who_staff_courses_or_enrol_see_people(
        self, editor: EditorClient, codename: str
    ) -> None:
        assert editor(codename).get(people_url("choose")).status_code == 200

    @pytest.mark.parametrize("codenames", [(), ("view_course",), ("view_enrolment",)])
    def test_others_do_not(self, editor: EditorClient, codenames: tuple[str, ...]) -> None:
        client, ada = editor(*codenames), make_user("Ada Lovelace")
        for url in (
            people_url("choose"),
            people_url("choose_results"),
            people_url("chosen", ada.pk),
            people_url("chosen_multiple") + f"?id={ada.pk}",
        ):
            response = client.get(url)
            assert response.status_code in {302, 403}, url
            assert "Lovelace" not in response.content.decode()
