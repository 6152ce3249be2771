"""Notices as students see them: at once, in every tab, their own, until they dismiss them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.push_service import PushService
from wagtail_live_lms.actions.delivery import keys

from .looks import STILL, mistakes
from .people import COURSE, People, mark
from .site import ExampleSite, running_copy

pytestmark = pytest.mark.browser

LESSON = "/python-bootcamp/functions/"
SETTINGS = "/live-lms/notifications/"
NOTICES = '[data-live-component="grade_notification"]'
GRADE = {"title": "Project plan", "url": LESSON, "score": "7.5", "maximum": "10"}


@pytest.fixture(scope="module")
def site(site: ExampleSite) -> Iterator[ExampleSite]:
    """A demo of these tests' own, because they need many students more."""
    with running_copy(site) as copy:
        yield copy


@pytest.fixture(scope="module")
def _readers(site: ExampleSite) -> Iterator[str]:
    names = [f"reader{number}" for number in range(40)]
    site.run("tests.browser.make_notices:make_readers", names=names)
    return iter(names)


@pytest.fixture
def student(_readers: Iterator[str]) -> str:
    """A student of these tests' own, whom no other test touches."""
    return next(_readers)


@pytest.fixture
def another(_readers: Iterator[str]) -> str:
    """One more."""
    return next(_readers)


def tell(site: ExampleSite, people: list[str], *keys_of_grades: str, **payload: Any) -> None:
    """As another process does: the open pages are told by the database alone."""
    site.run(
        "tests.browser.make_notices:tell",
        people=people, keys=keys_of_grades, payload=GRADE | payload,
    )  # fmt: skip


def unread(page: Page, count: int) -> None:
    expect(page.locator(NOTICES)).to_have_attribute("data-unread", str(count))


def rows(page: Page) -> Locator:
    return page.locator("[data-notification]")


def test_a_notice_arrives_in_every_tab_of_its_person_and_in_nobody_elses(
    people: People, site: ExampleSite, student: str, another: str
) -> None:
    browser, other = people.enter(student), people.enter(another)
    course, lesson = browser.open(COURSE, live=True), browser.open(LESSON, live=True)
    stranger = other.open(COURSE, live=True)
    is_same = [mark(course), mark(lesson), mark(stranger)]

    tell(site, [student], "arrives")

    for page in (course, lesson):
        unread(page, 1)
        toast = page.locator(".live-lms-toast")
        expect(toast).to_contain_text("“Project plan” has been graded.")
        expect(toast).not_to_contain_text("7.5")
    expect(rows(course)).to_contain_text("“Project plan” has been graded.")
    tell(site, [another], "later")
    unread(stranger, 1)
    expect(stranger.get_by_text("Project plan").first).to_be_visible()
    expect(rows(stranger)).to_have_count(1)
    assert all(check() for check in is_same)
    rows(stranger).locator("button[name=notification_id]").click()
    unread(stranger, 0)


def test_two_students_each_see_their_own(
    people: People, site: ExampleSite, student: str, another: str
) -> None:
    one, two = people.enter(student), people.enter(another)
    first, second = one.open(COURSE, live=True), two.open(COURSE, live=True)
    tell(site, [student], "own:1", title="For the first")
    tell(site, [another], "own:2", title="For the second")
    expect(first.locator("[data-notice-sentence]")).to_have_text(re.compile("For the first"))
    expect(second.locator("[data-notice-sentence]")).to_have_text(re.compile("For the second"))


def test_it_is_still_there_after_a_reload_and_a_login_elsewhere(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student).open(COURSE, live=True)
    tell(site, [student], "stays")
    unread(page, 1)
    page.reload()
    unread(page, 1)
    expect(page.locator(".live-lms-toast")).to_have_count(0)
    elsewhere = people.enter(student, own_session=True).open(COURSE, live=True)
    unread(elsewhere, 1)
    expect(rows(elsewhere)).to_have_count(1)


def test_dismissing_in_one_tab_clears_the_others(
    people: People, site: ExampleSite, student: str
) -> None:
    browser = people.enter(student)
    tell(site, [student], "clear:1", "clear:2", "clear:3")
    first, second = browser.open(COURSE, live=True), browser.open(LESSON, live=True)
    unread(second, 3)
    first.locator("button[name=notification_id]").first.click()
    unread(second, 2)
    first.get_by_role("button", name="Dismiss all").click()
    unread(first, 0)
    unread(second, 0)
    expect(rows(first)).to_have_count(0)
    second.reload()
    unread(second, 0)


def test_a_score_is_hidden_until_it_is_asked_for(
    people: People, site: ExampleSite, student: str
) -> None:
    tell(site, [student], "score:1")
    browser = people.enter(student)
    page = browser.open(COURSE, live=True)
    score = page.locator(".live-lms-notices__score strong")
    expect(score).to_be_hidden()
    page.get_by_text("Show score").click()
    expect(score).to_have_text("7.5 of 10")
    tell(site, [student], "score:2", title="Another")  # what was opened stays open
    unread(page, 2)
    expect(page.get_by_text("7.5 of 10").last).to_be_visible()

    settings = browser.open(SETTINGS, live=True)
    settings.get_by_label("Show my scores at once").check()
    settings.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Show score")).to_have_count(0)
    expect(score.first).to_be_visible()


def test_a_zero_is_told_like_any_score(people: People, site: ExampleSite, student: str) -> None:
    page = people.enter(student).open(COURSE, live=True)
    tell(site, [student], "zero", score=0)
    unread(page, 1)
    page.get_by_text("Show score").click()
    expect(page.locator(".live-lms-notices__score strong")).to_have_text("0 of 10")


def test_an_arrival_is_said_politely_and_takes_no_focus(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student).open(COURSE, live=True)
    page.locator("button[name=module_id]").first.focus()
    tell(site, [student], "polite")
    status = page.locator(f"{NOTICES} [data-live-status]")
    expect(status).to_have_attribute("role", "status")
    expect(status).to_have_text("“Project plan” has been graded.")
    expect(page.locator("button[name=module_id]").first).to_be_focused()


def test_a_toast_goes_by_itself_but_not_from_under_the_pointer_and_the_notice_stays(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student).open(COURSE, live=True)
    page.clock.install()
    tell(site, [student], "toast")
    toast = page.locator(".live-lms-toast")
    expect(toast).to_be_visible()
    toast.hover()
    page.clock.run_for(9000)
    expect(toast).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(9000)
    expect(toast).to_have_count(0)
    expect(rows(page)).to_have_count(1)


def test_closing_a_toast_keeps_the_notice(people: People, site: ExampleSite, student: str) -> None:
    page = people.enter(student).open(COURSE, live=True)
    tell(site, [student], "close")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".live-lms-toast")).to_have_count(0)
    unread(page, 1)


def test_what_was_looked_at_counts_as_read_and_stays(
    people: People, site: ExampleSite, student: str
) -> None:
    browser = people.enter(student)
    tell(site, [student], "read")
    page, other = browser.open(COURSE, live=True), browser.open(LESSON, live=True)
    rows(page).get_by_role("link", name="See it").click()
    expect(page).to_have_url(site.url + LESSON)
    unread(other, 0)
    expect(rows(other)).to_have_count(1)


def test_all_are_marked_as_read(people: People, site: ExampleSite, student: str) -> None:
    tell(site, [student], "all:1", "all:2")
    page = people.enter(student).open(COURSE, live=True)
    page.get_by_role("button", name="Mark all as read").click()
    unread(page, 0)
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)


def test_after_dismissing_by_keyboard_the_focus_is_on_the_next(
    people: People, site: ExampleSite, student: str
) -> None:
    tell(site, [student], "keys:1", "keys:2")
    page = people.enter(student).open(COURSE, live=True)
    page.locator("button[name=notification_id]").first.focus()
    page.keyboard.press("Enter")
    unread(page, 1)
    focused = page.evaluate("document.activeElement.closest('[data-notification]') !== null")
    assert focused


def test_the_menu_opens_and_closes_by_keyboard_and_stays_open_while_things_arrive(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student).open(LESSON, live=True)
    bell = page.locator(f"{NOTICES} > details > summary")
    bell.focus()
    page.keyboard.press("Enter")
    tell(site, [student], "menu")
    expect(rows(page)).to_be_visible()
    expect(bell).to_be_focused()
    rows(page).locator("button[name=notification_id]").focus()
    page.keyboard.press("Escape")
    expect(rows(page)).to_be_hidden()
    expect(bell).to_be_focused()
    bell.click()
    page.mouse.click(5, 700)
    expect(rows(page)).to_be_hidden()


def test_without_javascript_notices_are_read_revealed_and_dismissed(
    people: People, site: ExampleSite, student: str
) -> None:
    tell(site, [student], "plain:1", "plain:2", "plain:3")
    page = people.enter(student, java_script_enabled=False).open(COURSE)
    page.get_by_text("Show score").first.click()
    expect(page.get_by_text("7.5 of 10").first).to_be_visible()
    page.locator("button[name=notification_id]").first.click()
    expect(page).to_have_url(site.url + COURSE)
    unread(page, 2)
    page.get_by_role("button", name="Mark all as read").click()
    unread(page, 0)
    page.get_by_role("button", name="Dismiss all").click()
    expect(rows(page)).to_have_count(0)


def test_without_javascript_choices_are_made(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student, java_script_enabled=False).open(SETTINGS)
    box = page.get_by_label(re.compile("A grade was posted.*by e-mail"))
    expect(box).not_to_be_checked()
    box.check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("saved")
    expect(box).to_be_checked()


COUNT_MOTION = """() => {
    window.motions = 0;
    for (const name of ["animationstart", "transitionrun"])
        document.addEventListener(name, () => { window.motions += 1; }, true);
}"""


def test_nothing_moves_where_motion_is_reduced(
    people: People, site: ExampleSite, student: str
) -> None:
    page = people.enter(student, reduced_motion="reduce").open(COURSE, live=True)
    page.evaluate(COUNT_MOTION)
    tell(site, [student], "still")
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".live-lms-toast")).to_have_count(0)
    assert page.evaluate("window.motions") == 0


def nothing(page: Page, site: ExampleSite, username: str) -> None:
    """The state in which the page opens."""


def arrive(page: Page, site: ExampleSite, username: str) -> None:
    tell(site, [username], uuid.uuid4().hex, text="Look at line 3.", sender="Grace Hopper")
    expect(page.locator(".live-lms-toast").first).to_be_visible()


def reveal(page: Page, site: ExampleSite, username: str) -> None:
    tell(site, [username], uuid.uuid4().hex)
    page.get_by_text("Show score").first.click()


def open_menu(page: Page, site: ExampleSite, username: str) -> None:
    tell(site, [username], uuid.uuid4().hex)
    page.locator(f"{NOTICES} > details > summary").click()
    expect(rows(page).first).to_be_visible()


STATES: dict[str, tuple[str, str, Callable[[Page, ExampleSite, str], None]]] = {
    "nothing new": ("reader39", COURSE, nothing),
    "arriving": ("reader38", COURSE, arrive),
    "revealed": ("reader38", COURSE, reveal),
    "menu": ("reader38", LESSON, open_menu),
    "settings": ("reader38", SETTINGS, nothing),
    "settings without a course": ("editor", SETTINGS, nothing),
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.usefixtures("_readers")
def test_axe_finds_nothing(people: People, site: ExampleSite, name: str) -> None:
    username, path, act = STATES[name]
    page = people.enter(username, **STILL).open(path, live=True)
    act(page, site, username)
    assert mistakes(page) == []


@pytest.fixture(scope="class")
def _service() -> Any:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def service(_service: PushService) -> PushService:
    """A real push service on loopback, which has received nothing yet."""
    _service.pushes.clear()
    return _service


@pytest.fixture(scope="class")
def pushing(site: ExampleSite, _service: PushService) -> Iterator[ExampleSite]:
    options = {
        "WEB_PUSH_PRIVATE_KEY": keys.make_private_key(),
        "WEB_PUSH_CONTACT": "mailto:it@example.org",
        "WEB_PUSH_SERVICES": [_service.origin],
    }
    with running_copy(site, **options) as copy:
        yield copy


class TestPushing:
    """Chromium without a network has no push service: the address it would give is made up here,
    and what is pushed is handed to the real service worker by the browser's own tools."""

    SUBSCRIBE = """(subscription) => {
        PushManager.prototype.subscribe = async function (options) {
            if (!options.userVisibleOnly || !options.applicationServerKey) throw new Error("what?");
            return { toJSON: () => subscription };
        };
    }"""

    def test_a_browser_is_allowed_told_when_closed_and_stopped(
        self, people: People, pushing: ExampleSite, service: PushService
    ) -> None:
        people.site = pushing
        student = pushing.students()[0]
        person = people.enter(student)
        person.context.grant_permissions(["notifications"], origin=pushing.url)
        address = service.browser()
        page = person.open(SETTINGS, live=True)
        page.evaluate(self.SUBSCRIBE, {"endpoint": address.endpoint, "keys": address.keys})
        page.get_by_role("button", name="Notify me in this browser").click()
        expect(page.locator(".live-lms-browsers__row")).to_contain_text("this one")
        worker = f"{pushing.url}/live-lms/notifications/"
        assert any(w.url.startswith(worker) for w in person.context.service_workers)

        tell(pushing, [student], "closed")
        service.wait_for(1)
        content = address.read(service.pushes[0].body)
        assert content["body"] == "“Project plan” has been graded."
        assert "7.5" not in json.dumps(content)

        shown = self.hand_over(page, content)
        assert shown == [{"title": content["title"], "body": content["body"]}]

        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".live-lms-browsers__row")).to_have_count(0)
        tell(pushing, [student], "stopped")
        deliveries = (
            "SELECT count(*) FROM wagtail_live_lms_delivery WHERE notification_id IN"
            " (SELECT id FROM wagtail_live_lms_notification WHERE key = 'stopped')"
        )
        assert pushing.query(deliveries) == [(0,)]

    def hand_over(self, page: Page, content: Any) -> list[dict[str, str]]:
        """Give the worker a push, as the browser does, and read what it would show.

        A Chromium without a screen keeps no notifications to look at.
        """
        (worker,) = page.context.service_workers
        worker.evaluate(KEEP_WHAT_IS_SHOWN)
        session = page.context.new_cdp_session(page)
        found: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(r["registrationId"] for r in event["registrations"]),
        )
        session.send("ServiceWorker.enable")
        page.wait_for_function("navigator.serviceWorker.getRegistrations().then(r => r.length > 0)")
        while not found:
            page.wait_for_timeout(20)
        origin = page.evaluate("location.origin")
        session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": origin, "registrationId": found[-1], "data": json.dumps(content)},
        )
        while not (shown := worker.evaluate("self.shown")):
            page.wait_for_timeout(20)
        return shown

    def test_a_browser_that_blocks_notices_is_told_so(
        self, people: People, pushing: ExampleSite
    ) -> None:
        people.site = pushing
        page = people.enter(pushing.students()[1]).open(SETTINGS, live=True)
        page.evaluate("Notification.requestPermission = async () => 'denied'")
        page.get_by_role("button", name="Notify me in this browser").click()
        expect(page.locator("[data-push-denied]")).to_be_visible()

    def test_a_process_killed_right_after_the_commit_loses_nothing_and_doubles_nothing(
        self, people: People, pushing: ExampleSite, service: PushService
    ) -> None:
        student = pushing.students()[2]
        browser = service.browser()
        pushing.run(
            "tests.browser.make_notices:allow_browser",
            username=student, endpoint=browser.endpoint, keys=browser.keys,
        )  # fmt: skip
        with pytest.raises(RuntimeError, match="The process ended"):
            pushing.run(
                "tests.browser.make_notices:tell_and_be_killed",
                people=[student], keys=["killed"], payload=GRADE,
            )  # fmt: skip
        assert service.pushes == []
        told = "SELECT count(*) FROM wagtail_live_lms_notification WHERE key = 'killed'"
        assert pushing.query(told) == [(1,)]
        for _ in range(2):
            pushing.manage("deliver_notifications")
        assert len(service.pushes) == 1
        assert browser.read(service.pushes[0].body)["url"] == LESSON


KEEP_WHAT_IS_SHOWN = """() => {
    self.shown = [];
    ServiceWorkerRegistration.prototype.showNotification = async (title, { body }) => {
        self.shown.push({ title, body });
    };
}"""
