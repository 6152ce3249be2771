"""What a browser sends for a form, read from its markup."""

from __future__ import annotations

from collections.abc import Iterator

from .dom import Element

_SENDS_NOTHING = {"submit", "button", "image", "reset", "file"}


def form_of(control: Element) -> Element:
    """The form a control belongs to: the one its `form` attribute names, or the one around it."""
    form = _owner(control)
    assert form is not None, f"There is no form for <{control.tag} {dict(control.attrib)}>."
    return form


def form_data(form: Element) -> dict[str, list[str]]:
    """The form's fields with their values, without the button that sends it."""
    data: dict[str, list[str]] = {}
    for control in controls_of(form):
        values = _values_of(control)
        if values:
            data.setdefault(control.get("name"), []).extend(values)
    return data


def controls_of(form: Element) -> Iterator[Element]:
    """The named fields that belong to a form, wherever they are on the page."""
    for control in form.getroottree().getroot().iter("input", "select", "textarea"):
        is_usable = control.get("name") and control.get("disabled") is None
        if is_usable and _owner(control) is form:
            yield control


def _owner(control: Element) -> Element | None:
    named = control.get("form")
    if named is None:
        return next(control.iterancestors("form"), None)
    return control.getroottree().getroot().get_element_by_id(named, None)


def _values_of(control: Element) -> list[str]:
    match control.tag:
        case "textarea":
            return [control.value or ""]
        case "select":
            values = control.value if control.multiple else [control.value]
            return [value for value in values if value is not None]
    kind = control.get("type", "text")
    if kind in _SENDS_NOTHING:
        return []
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]
