"""What is said about an answer that cannot be accepted as it is."""

from collections import defaultdict
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from pydantic import ValidationError

MESSAGES: dict[str, str | Promise] = {
    "number_format": _("Write a number, such as 3.14."),
    "number_comma": _("Write the decimals after a point, as in 3.14, and no sign for thousands."),
    "number_point": _("Write the decimals after a comma, as in 3,14, and no sign for thousands."),
    "number_range": _("This number is too large or too small. Check it."),
    "number_too_long": _("Write the number with fewer digits."),
    "unknown_choice": _("This is not one of the choices. Reload the page and choose again."),
    "incomplete_order": _("Give each item a position of its own, without gaps."),
}
"""By the type of pydantic's error."""

OTHERWISE = _("This answer does not fit the question. Write it in another way.")


def words_for(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong, by field, in words for the student."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in error.errors(include_url=False, include_input=False):
        words = _words(item["type"], item.get("ctx") or {})
        field = str(item["loc"][0]) if item["loc"] else ""
        if words not in found[field]:
            found[field].append(words)
    return dict(found)


def _words(code: str, context: dict[str, Any]) -> str:
    match code:
        case "string_too_long":
            limit = context["max_length"]
            text = ngettext(
                "Write at most %(limit)d character.", "Write at most %(limit)d characters.", limit
            )
            return text % {"limit": limit}
        case "too_few_words":
            return _counted(
                ngettext(
                    "Write at least %(limit)d word; it is %(words)d so far.",
                    "Write at least %(limit)d words; it is %(words)d so far.",
                    context["limit"],
                ),
                context,
            )
        case "too_many_words":
            return _counted(
                ngettext(
                    "Write at most %(limit)d word; it is %(words)d now.",
                    "Write at most %(limit)d words; it is %(words)d now.",
                    context["limit"],
                ),
                context,
            )
    return str(MESSAGES.get(code, OTHERWISE))


def _counted(text: str, context: dict[str, Any]) -> str:
    return text % {"limit": context["limit"], "words": context["words"]}
