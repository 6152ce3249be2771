"""Questions as GIFT, Moodle's text format: read strictly, written with a list of what is lost.

What has no counterpart here is refused with its line; nothing is changed without saying so.
"""

from .reader import Draft, parse
from .refusals import GiftErrors, Refused
from .writer import Omission, Written, write

__all__ = ["Draft", "GiftErrors", "Omission", "Refused", "Written", "parse", "write"]
