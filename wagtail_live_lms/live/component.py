"""The component classes: what a developer subclasses."""

from __future__ import annotations

import copy
import hashlib
import inspect
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar

from asgiref.sync import async_to_sync
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from . import signing
from .exceptions import ComponentError, InvalidInput, LiveError
from .messages import RESNAPSHOT, Fragment, Message, _Resnapshot
from .permissions import Permission
from .ratelimit import check_rate_limit
from .requests import page_of
from .signatures import Arguments, arguments, arguments_model
from .typing import RowId

Once = Callable[[Hashable, Callable[[], Any]], Any]

RESERVED_HANDLERS = {"on_ws_message", "on_tick"}


class Component:
    """A piece of a page that the server owns.

    `mount(**params)` loads `state` from the database, `on_<event>(**payload)` acts on what the
    browser sent, `on_ws_message(message)` patches `state` when something changed elsewhere.
    Parameters and payloads are typed by the signatures and validated.
    """

    name: ClassVar[str] = ""
    """Set at registration."""

    template_name: ClassVar[str] = ""
    """Renders the whole component: one root element."""

    snapshot_template_name: ClassVar[str] = ""
    """Renders what is pushed after a loss or reconnect; empty for the whole component."""

    permission_classes: ClassVar[tuple[type[Permission], ...]]
    """Who may see and use it. There is no default: registration refuses a class without."""

    rate_limit: ClassVar[str | Mapping[str, str] | None] = None
    """Valid events per person, as "30/m", or by event; None for EVENT_RATE_LIMIT."""

    cache_ttl: ClassVar[int | None] = None
    """Seconds to cache `state`, keyed by the sequences of `topics()`, so never stale."""

    read_after: ClassVar[tuple[str, ...]] = ()
    """Events after which a browser reads the component in a request of its own.

    What the event saves is then acknowledged before anything is rendered.
    """

    query_params: ClassVar[tuple[str, ...]] = ()
    """Parameters of `mount` that the page's URL may set."""

    shared: ClassVar[bool] = False
    """The pushed HTML is the same for everybody who may see it: rendered once for all."""

    alternative: ClassVar[str] = ""
    """Name of the component to show, with the same parameters, to those who may not see this."""

    events: ClassVar[dict[str, type[BaseModel]]] = {}
    params_model: ClassVar[type[BaseModel]]

    def __init__(self, request: HttpRequest, params: Mapping[str, Any]) -> None:
        self.request = request
        self.user = request.user
        self.params = arguments(self.params_model, params)
        self.errors: dict[str, list[str]] = {}
        self.notice: str = ""
        self.error: LiveError | None = None
        self.reply: dict[str, Any] | None = None
        self.reloads_page = False
        self.since = ""
        self.page: int | None = None
        self._state: dict[str, Any] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        has_mount = cls.mount is not Component.mount
        cls.params_model = arguments_model(cls.mount) if has_mount else Arguments
        cls.events = {
            name.removeprefix("on_"): cls.payload_model(name)
            for name, _ in inspect.getmembers(cls, inspect.isfunction)
            if name.startswith("on_") and name not in RESERVED_HANDLERS
        }

    @classmethod
    def payload_model(cls, handler: str) -> type[BaseModel]:
        """The model that validates the payload of a handler."""
        return arguments_model(getattr(cls, handler))

    # What a subclass writes

    def mount(self, *args: Any, **params: Any) -> Any:
        """Load `self.state`. Override it, with the parameters you need."""

    def topics(self) -> Iterable[str]:
        """Names of the topics whose changes concern this component."""
        return ()

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Any]:
        """The changed rows by id, in one query, before `on_ws_message` sees them."""
        return {}

    @classmethod
    def load_changes_of(
        cls, kind: str, ids: Mapping[str, list[int]]
    ) -> Mapping[str, Mapping[int, Any]]:
        """The same for all topics that changed at once, by topic.

        For components with a topic for each person: 500 people who are told something together
        then cost one query.
        """
        return {topic: cls.load_changes(topic, kind, some) for topic, some in ids.items()}

    def on_ws_message(self, message: Message) -> Iterable[Fragment] | _Resnapshot:
        """Patch `state` and return the fragments to send. No query here: see `load_changes`."""
        return RESNAPSHOT

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        """Fragments that may wait: asked for at most once a second, and now and then unasked.

        `once(key, make)` shares the result of a query between the windows of the process.
        """
        return ()

    def elsewhere(self, count: int) -> Fragment | None:
        """What a window shows after `count` changes of things outside it."""
        return None

    def window(self) -> frozenset[str]:
        """Keys of the fragments that the rendered state shows."""
        return frozenset()

    def get_context(self) -> dict[str, Any]:
        """Extra names for the template, beside `component` and the state's."""
        return {}

    def check_rate_limit(self, event: str) -> None:
        """Count a valid event. Raises RateLimitExceeded; what was written before that stays."""
        check_rate_limit(self.request, self, event)

    def notice_after(self, event: str) -> str:
        """The notice above a component that is read after one of the `read_after` events."""
        return ""

    # What the runtime calls

    @property
    def state(self) -> dict[str, Any]:
        """What is shown. Loaded by `mount` when first asked for."""
        if self._state is None:
            self.load()
        return self._state  # type: ignore[return-value]

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._state = state

    def load(self) -> None:
        """Load `state` anew, as after an action that changed what it shows."""
        self._state = {}
        try:
            call(self.mount, **self.params)
        except BaseException:
            self._state = None
            raise

    def forget(self) -> None:
        """Have the state loaded anew when it is next asked for."""
        self._state = None

    def twin(self) -> Component:
        """The same component with a state of its own, not loaded."""
        twin = copy.copy(self)
        twin.forget()
        return twin

    @property
    def is_loaded(self) -> bool:
        return self._state is not None

    def check_permissions(self) -> None:
        """Raises NotAuthenticated, PermissionDenied or NotFound."""
        for permission_class in self.permission_classes:
            permission_class().check(self)

    @cached_property
    def element_id(self) -> str:
        """The root element's id: the same whatever the page's URL says."""
        fixed = {k: v for k, v in self.params.items() if k not in self.query_params}
        return f"live-{self.name}-{_digest(fixed)}".replace("_", "-")

    @property
    def key(self) -> str:
        """The same for the same parameters, in every process."""
        return f"{self.name}-{_digest(self.params)}"

    @property
    def token(self) -> str:
        """The signed parameters that an event must bring along."""
        return signing.sign(self.name, to_jsonable_python(self.params), self.user, self.page)

    @property
    def page_url(self) -> str:
        """The address of the page it is shown on."""
        return page_of(self.request)

    def render(self, template_name: str = "", **extra: Any) -> SafeString:
        """The component as HTML, or another template with the same context."""
        context = {**self.state, **self.get_context(), "component": self, **extra}
        return render_to_string(template_name or self.template_name, context, self.request)

    def render_snapshot(self) -> SafeString:
        """What a window needs to be current, whatever it missed."""
        return self.render(self.snapshot_template_name)

    @property
    def html(self) -> SafeString:
        """The whole component as it would be sent now."""
        return self.render()

    def fragment(
        self,
        key: str,
        template_name: str,
        *,
        for_all: bool = False,
        part: str = "",
        **context: Any,
    ) -> Fragment:
        """A fragment, rendered only when a window wants it and without the request.

        Its template sees `component`, the state and `context`; nobody's session or CSRF token.
        """
        return Fragment(
            key,
            lambda: render_to_string(template_name, {**self.state, **context, "component": self}),
            for_all,
            part,
        )


class FormComponent(Component):
    """A component with one form: `schema` validates `submit` before `on_submit()` runs.

    Afterwards `validated_data` holds the schema's instance. When it does not fit, the component
    is rendered again with `errors` by field and `values` as they were typed.
    """

    schema: ClassVar[type[BaseModel]]

    form_events: ClassVar[tuple[str, ...]] = ("submit",)
    """The events that send the form; each has a handler `on_<event>()`."""

    def __init__(self, request: HttpRequest, params: Mapping[str, Any]) -> None:
        super().__init__(request, params)
        self.values: dict[str, Any] = {}
        self.validated_data: Any = None

    @classmethod
    def payload_model(cls, handler: str) -> type[BaseModel]:
        if handler.removeprefix("on_") in cls.form_events:
            return getattr(cls, "schema", Arguments)
        return super().payload_model(handler)

    def get_schema(self, event: str, payload: Mapping[str, Any]) -> type[BaseModel]:
        """The model for this form as this person was shown it; `payload` is not validated yet."""
        return self.events[event]

    def refuse_form(self, error: InvalidInput) -> None:
        """The form did not fit: word `error.errors` for people, keep what can be kept."""
        self.errors, self.error = error.errors, error

    def on_submit(self) -> Any:
        """Act on `validated_data`."""
        raise NotImplementedError


class CompositeComponent(Component):
    """Several components in one: each child keeps its own permissions and updates alone.

    `components` maps a slot to a component's name; other packages add to `registry.extend`. A
    child gets those of the composite's parameters that its own `mount` takes.
    """

    components: ClassVar[Mapping[str, str]] = {}


class ModelComponent(Component):
    """A component bound to one model instance, fetched through the gate.

    `get_object(user, object_id)` returns the instance or raises; it is called once per request,
    when `object` is first used.
    """

    get_object: ClassVar[Callable[[Any, int], Any]]

    def mount(self, object_id: RowId) -> None:
        self.state["object"] = self.object

    @property
    def object(self) -> Any:
        if not hasattr(self, "_object"):
            self._object = type(self).get_object(self.user, self.params["object_id"])
        return self._object


def _digest(params: Mapping[str, Any]) -> str:
    text = json.dumps(params, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def call(function: Callable[..., Any], **kwargs: Any) -> Any:
    """Call a sync or async method from sync code."""
    if inspect.iscoroutinefunction(function):
        return async_to_sync(function)(**kwargs)
    return function(**kwargs)


def check_declaration(cls: type[Component]) -> None:
    """Raises ComponentError naming what the class lacks."""
    if not getattr(cls, "permission_classes", ()):
        raise ComponentError(
            f"{cls.__qualname__} has no permission_classes. Say who may use it, for instance "
            "(IsAuthenticated,), or (AllowAny,) for everybody."
        )
    if not cls.template_name:
        raise ComponentError(f"{cls.__qualname__} has no template_name.")
    unknown = set(cls.query_params) - set(cls.params_model.model_fields)
    if unknown:
        raise ComponentError(f"{cls.__qualname__}: mount() takes no {sorted(unknown)}.")
