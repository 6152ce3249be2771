"""What the block picker shows of each question type."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SAMPLES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "text": _("Which planet is closest to the Sun?"),
        "choices": [{"text": _("Venus")}, {"text": _("Mercury")}, {"text": _("Mars")}],
    },
    "multiple_choice": {
        "text": _("Which of these are prime numbers?"),
        "choices": [{"text": "2"}, {"text": "9"}, {"text": "11"}, {"text": "15"}],
    },
    "true_false": {
        "text": _("Water boils at a lower temperature on a mountain."),
        "correct": "true",
    },
    "short_text": {
        "text": _("What is the capital of Kenya?"),
        "answers": [{"text": _("Nairobi")}],
    },
    "number": {
        "text": _("How far does light travel in one second?"),
        "answers": [{"value": 299792}],
        "unit": "km",
    },
    "ordering": {
        "text": _("Put these inventions in order, the oldest first."),
        "items": [{"text": _("Telephone")}, {"text": _("Printing press")}, {"text": _("Radio")}],
    },
    "matching": {
        "text": _("Which animal lives where?"),
        "pairs": [
            {"prompt": _("Camel"), "match": _("Desert")},
            {"prompt": _("Whale"), "match": _("Ocean")},
        ],
    },
    "long_answer": {"text": _("Describe how a bill becomes law, in your own words.")},
    "information": {
        "text": _("Read the following case. The next three questions are about it."),
    },
}
"""A value for each type that comes with the package; the rest is as in a new question."""
