"""The kit's browser: a page in memory that does what htmx and the page's script do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.live.toys import add_note, clear_room, edit_note
from tests.toy.models import Room
from wagtail_live_lms import actions
from wagtail_live_lms.testing import FakeBrowser
from wagtail_live_lms.testing.dom import Dom
from wagtail_live_lms.testing.forms import form_data, form_of

LIST = "section li"


def open_room(user: Any, room: Room, **options: Any) -> FakeBrowser:
    browser = FakeBrowser(user, **options)
    browser.open(f"/toy/toy_notes/{room.pk}/")
    return browser


class TestDom:
    def test_an_element_takes_the_place_of_the_one_with_its_id(self) -> None:
        dom = Dom("<ul><li id=a>1</li> tail <li id=b>2</li></ul>")
        dom.apply('<li id="b">3</li><li id="a" class="x">4</li><li id="c">5</li>')
        assert [li.text for li in dom.select("li")] == ["4", "3"]
        assert dom.get("a").tail == " tail "

    def test_table_rows_survive(self) -> None:
        dom = Dom("<table><tbody><tr id=a data-v=1><td>1</td></tr></tbody></table>")
        dom.apply('<tr id="a" data-v="2"><td>2</td></tr>')
        assert dom.one("tbody > tr[data-v='2'] > td").text == "2"

    def test_an_older_version_never_replaces_a_newer_one(self) -> None:
        dom = Dom("<p id=a data-v=10>new</p>")
        dom.apply('<p id="a" data-v="9">old</p>')
        assert dom.one("#a").text == "new"
        dom.apply('<p id="a" data-v="10">same</p>')
        assert dom.one("#a").text == "same"

    def test_a_row_that_is_gone_is_removed(self) -> None:
        dom = Dom("<p id=a>x</p>")
        dom.apply('<p id="a" data-live-delete></p>')
        assert dom.get("a") is None

    def test_a_new_entry_is_put_first_unless_the_component_is_further(self) -> None:
        dom = Dom('<div data-live-params=x data-v=5><ul id="l"><li id="a">a</li></ul></div>')
        dom.apply('<li id="b" data-v="5" data-live-first-in="l">b</li>')
        dom.apply('<li id="c" data-v="4" data-live-first-in="l">c</li>')
        dom.apply('<li id="d" data-v="6" data-live-first-in="elsewhere">d</li>')
        assert [entry.text for entry in dom.select("li")] == ["b", "a"]

    def test_a_part_sets_the_figures_of_its_root(self) -> None:
        dom = Dom("<div data-live-params=x data-pct=0><p id=a>x</p></div>")
        dom.apply('<p id="a" data-live-root-pct="50" data-v="3"></p>')
        assert (dom.one("div").get("data-pct"), dom.one("div").get("data-v")) == ("50", "3")

    def test_one_says_what_it_found_instead(self) -> None:
        with pytest.raises(AssertionError, match="0 elements match '.x'"):
            Dom("<p></p>").one(".x")


@pytest.mark.django_db
class TestRequests:
    def test_a_click_sends_what_the_markup_says(self, ada: Any, room: Room) -> None:
        note = add_note(room.pk, "Hi")
        browser = open_room(ada, room)
        browser.click(f"#note-{note.pk} button")
        assert browser.response.status_code == 200
        assert browser.attributes(f"#note-{note.pk}")["data-v"] == "2"

    def test_a_form_is_filled_and_sent(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        browser.submit("form.add", {"text": "Hi"})
        assert browser.text(LIST).startswith("Hi")
        assert browser.attributes("section")["data-live-state"] == "stale"

    def test_a_field_that_is_not_there_cannot_be_filled(self, ada: Any, room: Room) -> None:
        with pytest.raises(AssertionError, match="no field named colour"):
            open_room(ada, room).submit("form.add", {"colour": "red"})

    def test_an_error_is_shown_inside_the_component(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        for _ in range(2):
            browser.submit("form.add", {"text": "x" * 201})
        assert browser.response.status_code == 422
        assert "200 characters" in browser.text("section [data-live-error]")

    def test_without_scripts_it_posts_and_follows_the_redirect(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room, scripts=False)
        browser.submit("form.add", {"text": "Hi"})
        assert browser.url == f"/toy/toy_notes/{room.pk}/"
        assert browser.text(".message") == "Added."
        assert browser.text(LIST).startswith("Hi")

    def test_a_link_is_followed(self, ada: Any, room: Room) -> None:
        browser = FakeBrowser(ada)
        browser.dom = Dom(f'<a href="/toy/toy_notes/{room.pk}/">x</a>')
        browser.click("a")
        assert browser.dom.roots()

    def test_a_link_of_htmx_replaces_a_part(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        add_note(room.pk, "Hi")
        ident = browser.attributes("section")["id"]
        swap = f'hx-select="#{ident}" hx-target="#{ident}" hx-push-url="true"'
        link = Dom(f'<a id="turn" href="?" hx-get="?order=desc" {swap}>turn</a>').one("a")
        browser.dom.one("section").append(link)
        browser.click("#turn")
        assert browser.url.endswith("?order=desc")
        assert browser.text(LIST).startswith("Hi")

    def test_a_search_form_changes_the_address(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        options = "<option>asc<option selected>desc"
        form = Dom(f"<form class=f><select name=order>{options}</select></form>").one("form")
        browser.dom.one("section").append(form)
        browser.submit("form.f")
        assert browser.url == f"/toy/toy_notes/{room.pk}/?order=desc"

    def test_an_answer_may_ask_for_the_page_anew(self, ada: Any) -> None:
        browser = FakeBrowser(ada)
        browser.open("/toy/toy_greeting/1/")
        browser.click("form.reload button")
        assert browser.response.status_code == 200
        assert "<title>Toy</title>" in browser.html

    def test_an_answer_that_was_overtaken_is_dropped(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        browser.dom.one("section").set("data-v", "5")
        browser.response = browser.client.get("/toy/toy_greeting/1/")
        ident = browser.attributes("section")["id"]
        browser._swap(browser.dom.one("section"), f'<section id="{ident}" data-v="4"></section>')
        assert browser.dom.roots()

    def test_every_kind_of_field_is_read_as_a_browser_reads_it(self) -> None:
        dom = Dom(
            "<form id=f><input name=a value=1><input name=b type=checkbox checked>"
            "<input name=c type=checkbox><input name=d type=radio value=x checked>"
            "<textarea name=e>text</textarea>"
            "<select name=g><option value=1><option value=2 selected></select>"
            "<select name=h multiple><option value=1 selected><option value=2 selected></select>"
            "<input name=i disabled><input type=submit name=j><input></form>"
            "<input name=k form=f><p><button>x</button></p>"
        )
        form = dom.one("form")
        assert form_data(form) == {
            "a": ["1"], "b": ["on"], "d": ["x"], "e": ["text"], "g": ["2"], "h": ["1", "2"],
            "k": [""],
        }  # fmt: skip
        assert form_of(dom.one("[name=k]")) is form
        with pytest.raises(AssertionError, match="no form"):
            form_of(dom.one("button"))


@pytest.mark.django_db
class TestPolling:
    def test_a_change_is_found_by_asking(self, ada: Any, room: Room) -> None:
        browser = open_room(ada, room)
        add_note(room.pk, "Hi")
        browser.poll()
        assert browser.text(LIST).startswith("Hi")
        browser.poll()
        assert browser.response.status_code == 304

    @pytest.mark.parametrize("code", ["4401", "4403"])
    def test_a_refusal_ends_it_and_shows_why(self, ada: Any, room: Room, code: str) -> None:
        browser = open_room(ada, room)
        if code == "4401":
            browser.client.logout()
        else:
            room.members.clear()
        browser.poll()
        root = browser.attributes("section")
        # A token made for Ada is nobody else's, so somebody logged out is refused as a stranger.
        assert root["data-live-state"] == "offline"
        assert browser.dom.roots() == []


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
class TestListening:
    async def test_changes_arrive(self, ada: Any, room: Room) -> None:
        first = await sync_to_async(add_note)(room.pk, "Hi")
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            await browser.until(lambda b: b.attributes("section")["data-live-state"] == "live")
            await sync_to_async(edit_note)(first.pk, "Ho")
            await browser.until(lambda b: b.text(LIST).startswith("Ho"))
            await sync_to_async(clear_room)(room.pk)
            await browser.until(lambda b: not b.dom.select(LIST))
        assert not browser.is_connected

    async def test_a_connection_that_was_lost_is_made_again(self, ada: Any, room: Room) -> None:
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            await browser.disconnect()
            await sync_to_async(add_note)(room.pk, "Hi")
            await browser.until(lambda b: b.dom.select(LIST))

    async def test_an_event_keeps_the_page_live(self, ada: Any, room: Room) -> None:
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            await browser.until(lambda b: b.received)
            await browser.asubmit("form.add", {"text": "Hi"})
            assert browser.attributes("section")["data-live-state"] == "live"
            await browser.apoll()
            await browser.aopen(f"/toy/toy_notes/{room.pk}/?order=desc")
            await browser.until(lambda b: b.attributes("section")["data-live-state"] == "live")

    async def test_logging_out_ends_it(self, ada: Any, room: Room) -> None:
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            await browser.until(lambda b: b.received)
            await sync_to_async(browser.client.logout)()
            assert await browser.closed() == 4401
        assert browser.attributes("section")["data-live-ended"] == "4401"
        assert "hidden" not in browser.attributes("[data-live-banner='4401']")
        with pytest.raises(AssertionError, match="No socket is open"):
            await browser.receive()

    async def test_beats_move_the_position_forward(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1}
        browser = await sync_to_async(FakeBrowser)(ada)
        await browser.aopen(f"/toy/toy_cached/{room.pk}/")
        async with browser.connected():
            await sync_to_async(add_note)(room.pk, "Hi")
            await browser.until(lambda b: b.since.endswith(".1"))

    async def test_one_component_of_two_is_refused(self, ada: Any, room: Room) -> None:
        other = await sync_to_async(Room.objects.create)(name="Other")
        await sync_to_async(other.members.add)(ada)
        browser = await sync_to_async(open_room)(ada, room)
        second = await sync_to_async(open_room)(ada, other)
        browser.dom.one("body").append(second.dom.one("section"))
        async with browser.connected():
            await browser.until(lambda b: '"ready"' in b.received[-1] if b.received else False)

            def lose() -> None:
                other.members.clear()
                actions.recheck_access([ada.pk])

            await sync_to_async(lose)()
            await browser.until(lambda b: len(b.dom.roots()) == 1)
            await sync_to_async(add_note)(room.pk, "Hi")
            await browser.until(lambda b: b.dom.select(LIST))
        assert browser.dom.select("[data-live-ended='4403'][data-live-state=offline]")

    async def test_a_recycled_connection_is_made_anew(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"HEARTBEAT_SECONDS": 0.1, "SOCKET_MAX_SECONDS": 0.5}
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            assert await browser.closed() == 1012
            assert browser.attributes("section")["data-live-state"] == "stale"
            await browser.until(lambda b: b.attributes("section")["data-live-state"] == "live")

    async def test_a_slow_reader_gets_a_snapshot_in_the_end(self, ada: Any, room: Room) -> None:
        notes = [await sync_to_async(add_note)(room.pk, str(i)) for i in range(3)]
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected(buffer=1):
            for turn in range(10):
                for note in notes:
                    await sync_to_async(edit_note)(note.pk, f"turn {turn}")
            await browser.until(lambda b: all("turn 9" in li.text for li in b.dom.select(LIST)))

    async def test_what_does_not_come_about_fails_readably(self, ada: Any, room: Room) -> None:
        browser = await sync_to_async(open_room)(ada, room)
        async with browser.connected():
            with pytest.raises(AssertionError, match=r"did not come about in 0\.1"):
                await browser.until(lambda b: b.dom.select(LIST), timeout=0.1)


async def nothing(*args: Any) -> None:
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_an_application_that_just_ends_is_a_lost_connection() -> None:
    browser = FakeBrowser()
    browser.dom = Dom("<p data-live-params=x data-live-key=k></p>")
    async with browser.connected(nothing):
        assert await browser.closed() == 1006
