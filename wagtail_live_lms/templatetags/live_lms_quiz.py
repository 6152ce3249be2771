"""`{% load live_lms_quiz %}`: figures of quizzes as people read them."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format

from wagtail_live_lms.components.quiz_context import plain

register = template.Library()


@register.filter
def points(number: Any) -> str:
    """Points or per cent: as the language writes numbers, and no zeros at the end."""
    return number_format(Decimal(plain(number))) if number is not None else ""
