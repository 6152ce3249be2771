"""Mounting components, sending them events and looking at the outcome."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connections

from wagtail_live_lms.live import pipeline, signing
from wagtail_live_lms.live.component import Component
from wagtail_live_lms.live.exceptions import LiveError
from wagtail_live_lms.live.registry import registry

from .requests import make_request

Subject = str | type[Component] | Component
"""A registered name, a class (registered or not), or an instance that `mount` returned."""

DENIALS = {401, 403, 404}
MISSPELT = {"unknown_component", "unknown_event"}
_WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)


def mount(component: str | type[Component], *, user: Any = None, **params: Any) -> Component:
    """The component as this user's page would show it. Raises the LiveError of a refusal."""
    with _named(component) as name:
        instance = pipeline.build(make_request(user), name, params)
        pipeline.load(instance)
    return instance


def dispatch_event(
    component: Subject,
    event: str,
    payload: Mapping[str, Any] | None = None,
    *,
    user: Any = None,
    **params: Any,
) -> Component:
    """Send an event through the whole pipeline and return the instance (`.state`, `.html`).

    An instance that was mounted brings its own user and parameters, and shows the outcome
    itself. Raises the LiveError; for a form that does not fit, the error's `component` is what
    the person would see.
    """
    if not isinstance(component, Component):
        return _send(component, event, payload, user, params)
    if user is not None or params:
        raise TypeError("A mounted component keeps its user and parameters.")
    outcome = _send(type(component), event, payload, component.user, component.params)
    vars(component).update(vars(outcome))
    return component


def assert_state(instance: Component, **expected: Any) -> None:
    """Assert that the state has these values, and name each one that differs."""
    state = instance.state
    problems = [
        f"  {name}: expected {value!r}, found {state.get(name, 'nothing of that name')!r}"
        for name, value in expected.items()
        if name not in state or state[name] != value
    ]
    listing = "\n".join([*problems, f"  The state has: {', '.join(sorted(state)) or 'nothing'}."])
    assert not problems, f"{type(instance).__name__} shows something else:\n{listing}"


def assert_permission_denied(
    component: str | type[Component],
    event: str | None = None,
    payload: Mapping[str, Any] | None = None,
    *,
    user: Any,
    **params: Any,
) -> None:
    """Assert that this user is refused, with 401, 403 or 404, and that nothing was written.

    Without an event it is the mere sight that must be refused. A misspelt name does not count.
    """
    with recorded_writes() as writes:
        refusal = _refusal_of(component, event, payload, user, params)
    asked = f"{event!r} of {component!r}" if event else repr(component)
    assert refusal is not None, f"{user} may use {asked}, and should not."
    assert not writes, f"{user} was refused {asked}, but this was written first: {writes}"


@contextmanager
def recorded_writes() -> Iterator[list[str]]:
    """The SQL statements within the block that change rows, pushes among them."""
    writes: list[str] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if _WRITE.match(sql):
            writes.append(sql)
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(record))
        yield writes


def _send(
    component: str | type[Component],
    event: str,
    payload: Mapping[str, Any] | None,
    user: Any,
    params: Mapping[str, Any],
) -> Component:
    request = make_request(user)
    with _named(component) as name:
        token = signing.sign(name, dict(params), request.user)
        return pipeline.dispatch(request, name, token, event, lambda model: dict(payload or {}))


def _refusal_of(
    component: str | type[Component],
    event: str | None,
    payload: Mapping[str, Any] | None,
    user: Any,
    params: Mapping[str, Any],
) -> LiveError | None:
    try:
        if event is None:
            mount(component, user=user, **params)
        else:
            dispatch_event(component, event, payload, user=user, **params)
    except LiveError as error:
        if error.status not in DENIALS or error.code in MISSPELT:
            raise
        return error
    return None


@contextmanager
def _named(component: str | type[Component]) -> Iterator[str]:
    """The component's name. A class that is not registered is, for as long as it is needed."""
    if isinstance(component, str):
        yield component
    elif component.name in registry and registry.get(component.name) is component:
        yield component.name
    else:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", component.__name__).lower()
        registry.register(name)(component)
        try:
            yield name
        finally:
            registry.unregister(name)
