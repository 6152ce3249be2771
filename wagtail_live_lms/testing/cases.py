"""A test case with the kit's tools as methods."""

from django.core.cache import cache
from django.test import TestCase

from .events import assert_permission_denied, assert_state, dispatch_event, mount
from .pushes import assert_no_pushes, assert_pushes


class ComponentTestCase(TestCase):
    """Tests of components. Each starts with an empty cache, so that rate limits start anew."""

    mount = staticmethod(mount)
    dispatch_event = staticmethod(dispatch_event)
    assert_state = staticmethod(assert_state)
    assert_permission_denied = staticmethod(assert_permission_denied)
    assert_pushes = staticmethod(assert_pushes)
    assert_no_pushes = staticmethod(assert_no_pushes)

    def setUp(self) -> None:
        super().setUp()
        cache.clear()
