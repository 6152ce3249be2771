"""`{% load live_lms %}`: put components on a page, and events into their templates."""

from datetime import datetime
from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from wagtail_live_lms.actions import display_name_of
from wagtail_live_lms.components.placing import page_id_of, place, place_shell, render, wants_shell
from wagtail_live_lms.live.component import Component, CompositeComponent
from wagtail_live_lms.live.exceptions import LiveError
from wagtail_live_lms.live.registry import registry
from wagtail_live_lms.live.requests import page_of

register = template.Library()


@register.inclusion_tag("wagtail_live_lms/live/head.html")
def live_lms_head(htmx: bool = True) -> dict[str, Any]:
    """Styles and scripts, for the page's <head>. `htmx=False` where the site brings htmx 2."""
    return {"with_htmx": htmx}


@register.simple_tag(takes_context=True)
def live_component(context: template.Context, name: str, **params: Any) -> SafeString:
    """`{% live_component "name" key=value %}`: the component, or what is shown instead of it."""
    return _place(context, name, params)


@register.simple_tag(takes_context=True)
def live_offer(context: template.Context, name: str, **params: Any) -> SafeString:
    """As `live_component`, but nothing at all for those who may not use it."""
    return _place(context, name, params, is_offer=True)


@register.simple_tag
def live_root(component: Component) -> SafeString:
    """Attributes of a component's root element; every component's template needs them."""
    return format_html(
        'id="{}" data-live-component="{}" data-live-state="stale" data-live-url="{}" '
        'data-live-key="{}" data-live-params="{}" data-live-since="{}"',
        component.element_id,
        component.name,
        component_url(component),
        component.key,
        component.token,
        component.since,
    )


@register.simple_tag(takes_context=True)
def live_form(context: template.Context, component: Component, event: str) -> SafeString:
    """Attributes of a form that sends an event: by htmx, or plainly where there is no script."""
    return format_html(
        'method="post" action="{0}" hx-post="{0}" hx-target="#{1}" hx-swap="outerHTML" '
        'data-live-event="{2}"',
        component_url(component),
        component.element_id,
        event,
    )


@register.simple_tag(takes_context=True)
def live_fields(context: template.Context, component: Component, event: str) -> SafeString:
    """Hidden fields of such a form: the event, the signed parameters and the CSRF token.

    HTML that is pushed carries no CSRF token; the script adds the page's to each request.
    """
    fields = {"event": event, "params": component.token}
    request = component.request
    if not hasattr(request, "is_live_socket"):
        fields |= {"csrfmiddlewaretoken": get_token(request), "next": page_of(request)}
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields.items())


@register.simple_tag(takes_context=True)
def live_slot(context: template.Context, slot: str) -> SafeString:
    """A child of a composite; empty where this person may not see it."""
    composite: CompositeComponent = context["component"]
    name = registry.slots_of(type(composite)).get(slot)
    if name is None:
        return SafeString("")
    takes = registry.get(name).params_model.model_fields
    params = {key: value for key, value in composite.params.items() if key in takes}
    try:
        return render(composite.request, name, params, composite.page, composite.request.GET.dict())
    except LiveError:
        return SafeString("")


@register.simple_tag(takes_context=True)
def live_slots(context: template.Context) -> SafeString:
    """All children of a composite, in order."""
    composite: CompositeComponent = context["component"]
    slots = registry.slots_of(type(composite))
    return format_html_join("\n", "{}", ((live_slot(context, slot),) for slot in slots))


def _place(
    context: template.Context, name: str, params: dict[str, Any], *, is_offer: bool = False
) -> SafeString:
    request = context.get("request")
    if request is None:
        return SafeString("")
    given = {key: value for key, value in params.items() if value is not None}
    around = context.get("component")
    if isinstance(around, Component):  # part of another one's template
        return place(request, name, given, around.page, request.GET.dict(), is_offer=is_offer)
    page = page_id_of(context.get("page"))
    if wants_shell(request):
        return place_shell(request, name, given, page, is_offer=is_offer)
    return place(request, name, given, page, request.GET.dict(), is_offer=is_offer)


@register.filter
def standings_in(record: Any, quizzes: Any) -> Any:
    """How a dashboard's student stands in each of the quizzes, None for those not begun."""
    return record.in_quizzes(quizzes)


@register.filter
def person_name(user: Any) -> str:
    """How a person is called on a roster."""
    return display_name_of(user)


@register.filter
def short_date(moment: datetime) -> str:
    """A day in few letters, as the language writes it, with its year unless it is this one."""
    local = timezone.localtime(moment)
    name = "MONTH_DAY_FORMAT" if local.year == timezone.localtime().year else "DATE_FORMAT"
    pattern = get_format(name).replace("F", "M").replace("N", "M")
    return format_date(local, pattern)


def component_url(component: Component) -> str:
    """Where its events go and its fragment is read."""
    return reverse("wagtail_live_lms:component", args=[component.name])
