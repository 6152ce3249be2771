"""A person's own page of choices about notices, and the browsers they may be pushed to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.delivery import keys
from wagtail_live_lms.live import LiveError
from wagtail_live_lms.live.views import error_response
from wagtail_live_lms.models import Channel, Course, NotificationChoice, notification_kinds

SESSION_KEY = "live_lms_push"
"""In the session: which browser it is, so that logging out ends pushes to it."""

PRODUCTS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
PLATFORMS = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "CrOS", "Linux")

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of notice of one course, and where it may go."""

    kind: str
    label: str
    web_push: bool
    email: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A course with its kinds."""

    course: Course
    rows: list[Row]


def personal(view: View) -> View:
    """For people who are logged in; never cached, and refusals told in one way."""

    @csrf_protect
    @login_required(login_url="wagtail_live_lms:login")
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, **kwargs)
        except LiveError as error:
            response = error_response(request, error)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def notification_page(request: HttpRequest) -> HttpResponse:
    """Choices by course and kind. In the page is always."""
    courses = access.get_notifying_courses_for(request.user)
    if request.method == "POST":
        _store(request, courses)
        messages.success(request, _("Your choices are saved."))
        return redirect("wagtail_live_lms:notifications")
    context = {
        "groups": _groups(courses, access.get_notification_choices_for(request.user)),
        "settings": access.get_notification_settings_for(request.user),
        "address": getattr(request.user, get_user_model().get_email_field_name(), ""),
        "browsers": access.get_browsers_for(request.user),
        "public_key": keys.public_key() if keys.are_configured() else "",
        "own_browser": request.session.get(SESSION_KEY),
    }
    return render(request, "wagtail_live_lms/notifications/page.html", context)


@require_POST
@personal
def add_browser(request: HttpRequest) -> HttpResponse:
    """The browser that asks has been allowed to show notices."""
    browser = actions.allow_browser(
        request.user,
        request.POST.get("endpoint", ""),
        p256dh=request.POST.get("p256dh", ""),
        auth=request.POST.get("auth", ""),
        name=name_of(request.headers.get("User-Agent", "")),
        language=get_language() or "",
    )
    request.session[SESSION_KEY] = browser.pk
    messages.success(request, _("You will be notified in this browser, also when it is closed."))
    return redirect("wagtail_live_lms:notifications")


@require_POST
@personal
def remove_browser(request: HttpRequest, browser_id: int) -> HttpResponse:
    """Push nothing more to one of the person's browsers."""
    actions.remove_browser(access.get_browser_for(request.user, browser_id))
    messages.success(request, _("That browser is no longer notified."))
    return redirect("wagtail_live_lms:notifications")


@require_safe
def push_worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows what is pushed. The same for everybody."""
    response = render(
        request, "wagtail_live_lms/notifications/worker.js", content_type="text/javascript"
    )
    patch_cache_control(response, no_cache=True)
    return response


def name_of(user_agent: str) -> str:
    """What to call a browser in a list: Firefox, Linux."""
    product = next((name for mark, name in PRODUCTS.items() if f"{mark}/" in user_agent), "")
    platform = next((name for name in PLATFORMS if name in user_agent), "")
    return ", ".join(part for part in (product, platform.replace("Macintosh", "Mac")) if part)


def _groups(
    courses: list[Course], chosen: dict[tuple[int, str], NotificationChoice]
) -> list[Group]:
    return [
        Group(
            course, [_row(kind, chosen.get((course.pk, kind.name))) for kind in notification_kinds]
        )
        for course in courses
    ]


def _row(kind: Any, choice: NotificationChoice | None) -> Row:
    choice = choice or NotificationChoice()
    return Row(kind.name, str(kind.label), choice.web_push, choice.email)


def _store(request: HttpRequest, courses: list[Course]) -> None:
    """Read a box for each channel of each kind of each course; nothing else is looked at."""
    wanted = set(request.POST)
    offers_push = keys.are_configured()
    chosen = access.get_notification_choices_for(request.user)
    choices: dict[tuple[int, str], tuple[bool, bool]] = {}
    for course in courses:
        for kind in notification_kinds:
            key = (course.pk, kind.name)
            # A column that is not shown is not a column that was unchecked.
            pushes = f"{Channel.WEB_PUSH}-{course.pk}-{kind.name}" in wanted
            kept = _row(kind, chosen.get(key)).web_push
            mails = f"{Channel.EMAIL}-{course.pk}-{kind.name}" in wanted
            choices[key] = (pushes if offers_push else kept, mails)
    actions.choose_notifications(
        request.user,
        choices,
        show_scores="show_scores" in wanted,
        language=get_language() or settings.LANGUAGE_CODE,
    )
