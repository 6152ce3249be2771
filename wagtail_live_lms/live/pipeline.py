"""The one pipeline of an event, whatever the transport.

find component -> verify signed parameters -> permission -> validate payload -> rate limit (only
what is valid counts) -> handler -> render.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language
from pydantic import BaseModel

from wagtail_live_lms.turns import taking_turns

from . import signing
from .component import Component, FormComponent, call
from .exceptions import InvalidInput, NotFound
from .places import places
from .registry import registry
from .signatures import arguments, validate
from .topics import format_since, positions

Payload = Callable[[type[BaseModel]], Mapping[str, Any]]
"""Reads the payload for a model, because a form needs to know which fields are lists."""


def build(
    request: HttpRequest,
    name: str,
    params: Mapping[str, Any],
    *,
    query: Mapping[str, Any] | None = None,
    page: int | None = None,
) -> Component:
    """The component with validated parameters, its permissions checked, its state not loaded.

    `query` may set the parameters that the class lists in `query_params`; a value of it that
    does not fit is dropped, because a page must not fail over its URL. `page` is where it stands,
    asked for apart from it: whoever may not see the page may not see its parts.
    """
    cls = registry.get(name)
    given = {k: v for k, v in (query or {}).items() if k in cls.query_params}
    try:
        component = cls(request, {**params, **given})
    except InvalidInput as error:
        kept = {k: v for k, v in given.items() if k not in error.errors and "" not in error.errors}
        component = cls(request, {**params, **kept})
    component.page = page
    places.check(request, page)
    component.check_permissions()
    return component


def load(component: Component) -> None:
    """Load the state unless it is loaded, from the cache where `cache_ttl` allows.

    The topics' positions are read before the state, so it is at least as new as they say.
    """
    component.since = format_since(positions(component.topics()))
    if component.is_loaded:
        return
    if component.cache_ttl is None:
        component.load()
        return
    key = _cache_key(component)
    state = cache.get(key)
    if state is None:
        component.load()
        cache.set(key, component.state, component.cache_ttl)
    else:
        component.state = state


def open_token(request: HttpRequest, name: str, token: str) -> Component:
    """The component of a signed token, permissions checked. Raises what `verify` raises."""
    registry.get(name)
    claim = signing.verify(token, request.user, component=name)
    return build(request, claim.component, claim.params, page=claim.page)


def dispatch(request: HttpRequest, name: str, token: str, event: str, read: Payload) -> Component:
    """Run one event and return the component with its state loaded, ready to render.

    One that made a `reply` is not rendered. Raises a LiveError; one that the component itself
    tells the person of, as of a form that does not fit, carries the component.
    """
    component = run(request, name, token, event, read)
    if component.reply is None:
        load(component)
    return component


def run(request: HttpRequest, name: str, token: str, event: str, read: Payload) -> Component:
    """Run one event; the component's state is not loaded anew for an answer."""
    component = open_token(request, name, token)
    handle(component, event, read)
    return component


def handle(component: Component, event: str, read: Payload) -> None:
    """Validate, count and call one event of a component whose permissions were checked.

    An event is one transaction: a handler that fails has changed nothing.
    """
    model = component.events.get(event)
    if model is None:
        raise NotFound(code="unknown_event")
    handler = getattr(component, f"on_{event}")
    values: dict[str, Any] = {}
    if isinstance(component, FormComponent) and event in component.form_events:
        model = component.get_schema(event, read(model))
        component.values = dict(read(model))
        component.validated_data = _validated(component, model)
    else:
        values = arguments(model, read(model))
    component.check_rate_limit(event)
    with taking_turns(), transaction.atomic():
        call(handler, **values)


def _validated(component: FormComponent, model: type[BaseModel]) -> BaseModel:
    try:
        return validate(model, component.values)
    except InvalidInput as error:
        component.refuse_form(error)
        error.component = component
        raise


def _cache_key(component: Component) -> str:
    viewer = None if component.shared else component.user.pk
    parts = [component.name, component.params, viewer, get_language(), component.since]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    return f"live-lms:{digest.hexdigest()}"
