"""Tools for testing components, and pages that are live: no server, broker or browser needed.

`docs/reference/testing.md` explains them. `FakeBrowser` needs lxml and cssselect, which the extra
`wagtail-live-lms[testing]` brings; the rest needs nothing.
"""

from .browser import FakeBrowser
from .cases import ComponentTestCase
from .events import assert_permission_denied, assert_state, dispatch_event, mount
from .flaky import FlakyLayer
from .pushes import assert_no_pushes, assert_pushes
from .requests import make_request

__all__ = [
    "ComponentTestCase",
    "FakeBrowser",
    "FlakyLayer",
    "assert_no_pushes",
    "assert_permission_denied",
    "assert_pushes",
    "assert_state",
    "dispatch_event",
    "make_request",
    "mount",
]
