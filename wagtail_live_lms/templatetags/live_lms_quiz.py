"""`{% load live_lms_quiz %}`: the questions of quizzes, and figures as people read them."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from wagtail_live_lms.components.quiz_context import plain
from wagtail_live_lms.components.quiz_drawing import draw_question
from wagtail_live_lms.components.quiz_paper import QuestionView

register = template.Library()

_ADDRESS = re.compile(
    r"""(?P<web>https?://[^\s<>"'`]{1,2000})
    |(?:mailto:)?(?P<mail>[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})""",
    re.IGNORECASE | re.VERBOSE,
)
_AT_ITS_END = ".,:;!?)]}'\""


@register.filter
def points(number: Any) -> str:
    """Points or per cent: as the language writes numbers, and no zeros at the end."""
    return number_format(Decimal(plain(number))) if number is not None else ""


@register.simple_tag
def question(item: QuestionView) -> SafeString:
    """A question of a paper, with its answer so far and of its result what may be seen."""
    return draw_question(item)


@register.filter
def safe_links(text: str) -> SafeString:
    """What a person wrote, escaped, with links to web and mail addresses and to nothing else."""
    return format_html_join("", "{}", ((part,) for part in _linked(str(text))))


def _linked(text: str) -> Iterator[str]:
    end = 0
    for found in _ADDRESS.finditer(text):
        shown = found[0].rstrip(_AT_ITS_END)
        url = shown if found["web"] else f"mailto:{shown.removeprefix('mailto:')}"
        yield text[end : found.start()]
        yield format_html('<a href="{}" rel="nofollow noopener">{}</a>', url, shown)
        end = found.start() + len(shown)
    yield text[end:]
