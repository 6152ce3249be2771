"""From a handler's signature to the pydantic model that validates what it is called with."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from .exceptions import ComponentError, InvalidInput

_COLLECTIONS = (list, tuple, set, frozenset)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Arguments(BaseModel):
    """Base of generated models: nothing undeclared gets through."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


def arguments_model(function: Callable[..., Any]) -> type[BaseModel]:
    """A model with one field per parameter of a method; `self` is left out.

    Raises ComponentError for `*args`, `**kwargs` and parameters without a type.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    declared: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind not in _NAMED or parameter.name not in hints:
            raise ComponentError(
                f"{function.__qualname__}: parameter {parameter} needs a name and a type; "
                "what a browser may send is typed by the signature."
            )
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        declared[parameter.name] = (hints[parameter.name], default)
    return create_model(function.__qualname__, __base__=Arguments, **declared)


def validate(model: type[BaseModel], payload: Mapping[str, Any]) -> BaseModel:
    """The validated payload. Raises InvalidInput with the messages of each field."""
    reject_unstorable_text(payload)
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise InvalidInput(_errors_by_field(error)) from error


def arguments(model: type[BaseModel], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The validated payload as keyword arguments, one level deep."""
    return dict(validate(model, payload))


def from_form(model: type[BaseModel], form: QueryDict) -> dict[str, Any]:
    """A form's values as a payload: a list only where the model wants one.

    Fields named `name.key` become a mapping under a name that the model has.
    """
    many = {name for name, field in model.model_fields.items() if _is_many(field.annotation)}
    payload: dict[str, Any] = {}
    mappings: dict[str, dict[str, Any]] = {}
    for full_name in form:
        name, dot, key = full_name.partition(".")
        read = form.getlist if full_name in many else form.get
        is_keyed = dot and name in model.model_fields
        place = mappings.setdefault(name, {}) if is_keyed else payload
        place[key if is_keyed else full_name] = read(full_name)
    return payload | mappings


def reject_unstorable_text(value: Any) -> None:
    """Refuse text no database stores: NUL characters and lone surrogates, however deep."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if "\x00" in text or not _is_encodable(text):
                raise InvalidInput({"": ["The text has characters that cannot be stored."]})
            case Mapping() as mapping:
                waiting += [*mapping.keys(), *mapping.values()]
            case list() as items:
                waiting += items


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_many(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(_is_many(choice) for choice in typing.get_args(annotation))
    return (origin or annotation) in _COLLECTIONS


def _errors_by_field(error: ValidationError) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        field = str(item["loc"][0]) if item["loc"] else ""
        errors.setdefault(field, []).append(item["msg"])
    return errors
