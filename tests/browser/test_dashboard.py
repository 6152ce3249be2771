"""The dashboard in a browser: finding students, and what moves while one looks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from .people import COURSE, DASHBOARD, TOPIC, People, expect_state, mark, mark_complete, rows
from .site import ExampleSite

pytestmark = pytest.mark.browser


def names(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def search_field(page: Page) -> str:
    value: str = page.locator("[type=search]").input_value()
    return value


def test_every_student_is_listed_with_their_percentage(people: People, site: ExampleSite) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)
    assert rows(page) == site.percentages()


def test_search_narrows_the_list_while_one_types_and_keeps_the_field_focused(
    people: People,
) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)
    is_same = mark(page)
    page.locator("[type=search]").press_sequentially("ama", delay=30)
    expect(page.locator("tbody tr")).to_have_count(2)
    assert sorted(names(page)) == ["Amara Okafor", "Priya Raman"]
    expect(page).to_have_url(re.compile(r"[?&]q=ama(&|$)"))
    expect(page.locator("[type=search]")).to_be_focused()
    expect(page.locator(f"{TOPIC} [data-live-status]")).to_have_text("1 to 2 of 2")
    page.keyboard.type("ra")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert search_field(page) == "amara"
    expect_state(page, "live")
    assert is_same()


def test_what_is_typed_while_an_answer_is_on_its_way_is_not_lost(people: People) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)

    def type_on(route: Route) -> None:
        answer = route.fetch()
        page.evaluate("document.querySelector('[type=search]').value = 'chiara'")
        route.fulfill(response=answer)

    page.route("**/dashboard/?*", type_on, times=1)
    page.locator("[type=search]").press_sequentially("ch", delay=30)
    expect(page.locator("tbody th")).to_have_text(["Chiara Ricci"])
    assert search_field(page) == "chiara"


def test_order_filter_and_view_live_in_the_url_and_the_back_button_undoes_them(
    people: People,
) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)
    by_name = names(page)
    page.get_by_role("link", name="Progress").click()
    expect(page).to_have_url(re.compile("sort=progress"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Progress")
    page.locator("select[name=show]").select_option("finished")
    expect(page).to_have_url(re.compile("show=finished"))
    expect(page.locator("tbody tr")).to_have_count(page.locator('tr[data-pct="100"]').count())
    page.get_by_role("link", name="Modules").click()
    expect(page).to_have_url(re.compile("view=matrix"))
    expect(page.locator(".live-lms-matrix")).to_be_visible()
    chosen = page.url

    page.go_back()
    expect(page.locator(".live-lms-roster")).to_be_visible()
    page.go_back()
    expect(page.locator("select[name=show]")).to_have_value("all")
    page.go_back()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Student")
    assert names(page) == by_name
    expect_state(page, "live")

    page.goto(chosen)
    expect(page.locator(".live-lms-matrix")).to_be_visible()
    expect(page.locator("select[name=show]")).to_have_value("finished")


def test_a_cell_of_the_matrix_is_ticked_when_its_module_is_completed(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter("instructor").open(f"{DASHBOARD}?view=matrix", live=True)
    row = page.locator(f"tr#{site.row_id(student)}")
    before = row.get_by_text("done", exact=True).count()
    mark_complete(people.enter(student).open(COURSE, live=True))
    expect(row.get_by_text("done", exact=True)).to_have_count(before + 1)


def test_rows_stay_under_the_cursor_until_the_new_order_is_asked_for(
    people: People, student: str, site: ExampleSite
) -> None:
    page = people.enter("instructor").open(f"{DASHBOARD}?sort=-progress", live=True)
    before = names(page)
    browser = people.enter(student)
    course = browser.open(COURSE, live=True)
    for _ in range(2):
        mark_complete(course)
    offer = page.get_by_role("link", name="Refresh the table")
    expect(offer).to_be_visible()
    expect(page.get_by_text("The order has changed")).to_be_visible()
    assert names(page) == before

    offer.click()
    expect(offer).to_have_count(0)
    assert names(page) != before
    shown = [int(percent) for percent in rows(page).values()]
    assert shown == sorted(shown, reverse=True)
    expect_state(page, "live")


def test_pages_follow_each_other_and_changes_on_other_pages_are_counted(
    people: People, own_site: Callable[..., ExampleSite]
) -> None:
    people.site = small = own_site(WINDOW_SIZE=10)
    page = people.enter("instructor").open(DASHBOARD, live=True)
    first = names(page)
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.locator(".live-lms-pager")).to_contain_text("11 to 20 of 30")
    assert not set(first) & set(names(page))
    expect_state(page, "live")

    shown = set(rows(page))
    away = next(name for name in small.students() if small.row_id(name) not in shown)
    course = people.enter(away).open(COURSE, live=True)
    mark_complete(course)
    expect(page.get_by_text("1 more update on other pages")).to_be_visible()
    mark_complete(course)
    expect(page.get_by_text("2 more updates on other pages")).to_be_visible()


def test_students_who_are_active_now_are_marked_until_they_are_not(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter("instructor").open(DASHBOARD, live=True)
    row = page.locator(f"tr#{site.row_id(student)}")
    expect(row).not_to_have_class(re.compile("live-lms-active"))
    mark_complete(people.enter(student).open(COURSE, live=True))
    expect(row).to_have_class(re.compile("live-lms-active"))
    expect(row.locator("time").last).to_have_text("now")

    page.clock.install()
    page.clock.fast_forward("06:00")
    page.evaluate("document.dispatchEvent(new Event('DOMContentLoaded'))")
    expect(row).not_to_have_class(re.compile("live-lms-active"))
    expect(row.locator("time").last).to_have_text(re.compile("minutes ago"))
