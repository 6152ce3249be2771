"""Tags of the example site's templates."""

from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

register = template.Library()


@register.simple_tag(takes_context=True)
def content_language(context: Context) -> SafeString | str:
    """Attributes for text in the page's language, when the site around it speaks another one."""
    page: Any = context.get("page")
    language = page.locale.language_code if page and page.locale_id else None
    if language is None or language == get_language():
        return ""
    direction = "rtl" if get_language_info(language)["bidi"] else "ltr"
    return format_html(' lang="{}" dir="{}"', language, direction)
