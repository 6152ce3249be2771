"""Why a line of a GIFT text is refused, and what is lost on the way, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_live_lms.grading.gift import Omission, Refused

REFUSALS: dict[str, Promise] = {
    "characters": _("It has characters that no text may hold."),
    "braces": _("Braces do not pair up. Write \\{ and \\} for braces that belong to the text."),
    "second_answers": _(
        "It has answers twice. Write \\{ and \\} for braces that belong to the text."
    ),
    "title": _("The title that begins with :: has no end."),
    "no_text": _("The question has no text."),
    "before_answers": _("There is text before the first answer. Answers begin with = or ~."),
    "empty_answer": _("An answer is empty."),
    "few_answers": _("The question needs at least two answers."),
    "weight": _("A weight must be from 0 to 100 here."),
    "right_weights": _("The right choices must share 100 % equally."),
    "wrong_weights": _("Each wrong choice must take off as much as a right one gives."),
    "no_right_answer": _("No answer is right."),
    "number": _("This is no number."),
    "range": _("A range goes from the smaller number to the larger."),
    "tolerance": _("A tolerance cannot be negative."),
    "other_numbers": _("Feedback for all other numbers cannot be kept."),
    "pair": _("A pair needs an arrow: ->"),
    "few_pairs": _("The question needs at least two pairs."),
    "html": _("This HTML cannot be kept. Write [plain] before a text that only looks like HTML."),
    "image": _("Images cannot be imported. Add them in the editor."),
    "link": _("Links must lead to http, https or mailto addresses."),
    "markdown": _("This Markdown cannot be kept."),
    "invalid": _("A question like this cannot be stored."),
}
"""Every code of a refused line."""

NOTES: dict[str, Promise] = {
    "formatting": _("Some formatting is left out."),
    "rounded": _("A weight is rounded to whole per cent."),
    "ticking_all": _("Ticking every choice gives no points here; it did in the text."),
}
"""Every code of what is imported differently."""

LOSSES: dict[str, Promise] = {
    "lost": _("“%(field)s” is left out: GIFT has no place for it."),
    "not_expressible": _("Left out: GIFT cannot express it."),
    "incomplete": _("Left out: the question is not complete."),
}
"""Codes of what an export leaves out, beside the refusals."""


def refusal_text(refused: Refused) -> str:
    """Why a line is refused, and what it is about."""
    reason = REFUSALS.get(refused.code, refused.reason)
    return f"{reason} ({refused.detail})" if refused.detail else str(reason)


def note_text(code: str) -> str:
    """What is imported differently."""
    return str(NOTES.get(code, code))


def omission_text(omission: Omission) -> str:
    """What of a question an export leaves out."""
    if omission.code in LOSSES:
        return str(LOSSES[omission.code]) % {"field": omission.field}
    reason = REFUSALS.get(omission.code, LOSSES["not_expressible"])
    return gettext("Left out: %(reason)s") % {"reason": reason}
