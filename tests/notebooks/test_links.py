"""Links into Jupyter: patterns that a site configures, values that cannot leave their place."""

from __future__ import annotations

import pytest

from wagtail_live_lms.notebooks import file_name, fill_link, is_link_pattern

HUB = "https://hub.example/hub/user-redirect/lab/tree/{file}"
PULLER = "https://hub.example/hub/user-redirect/git-pull?repo=x&urlpath=lab%2Ftree%2F{course_slug}%2F{file}"


@pytest.mark.parametrize(
    ("pattern", "is_good"),
    [
        (HUB, True),
        (PULLER, True),
        ("http://127.0.0.1:8888/lab", True),
        ("https://hub.example/{nobody}", False),
        ("https://hub.example/{}", False),
        ("https://hub.example/{file", False),
        ("javascript:alert(1)", False),
        ("/lab/tree/{file}", False),
        ("https:///x", False),
        ("https://[::1", False),
    ],
)
def test_a_pattern_is_an_address_with_known_placeholders(pattern: str, is_good: bool) -> None:
    assert is_link_pattern(pattern) is is_good


def test_values_stay_one_part_of_the_address() -> None:
    link = fill_link(HUB, {"file": "../../x y?z#ü.ipynb"})
    assert link.endswith("/tree/..%2F..%2Fx%20y%3Fz%23%C3%BC.ipynb")


def test_file_names_are_safe_and_lasting() -> None:
    assert file_name("Practice: lists & loops", 7) == "practice-lists-loops-7.ipynb"
    assert file_name("練習", 7) == "notebook-7.ipynb"
    assert len(file_name("x" * 200, 7)) < 80
