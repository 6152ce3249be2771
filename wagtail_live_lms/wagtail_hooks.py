"""What the Wagtail admin gets from us."""

from wagtail.snippets.models import register_snippet

from wagtail_live_lms.models import Course

register_snippet(Course)
