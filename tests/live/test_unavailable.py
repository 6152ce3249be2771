"""A database that does not answer: the request is sent away and told to come back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

from wagtail_live_lms.live.views import _guarded
from wagtail_live_lms.testing import make_request


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_it_is_a_503_that_says_when_to_try_again(error: Exception, caplog: Any) -> None:
    def view() -> HttpResponse:
        raise error

    request = make_request()
    request.META["HTTP_HX_REQUEST"] = "true"
    response = _guarded(request, view)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert "data-live-countdown" in response.content.decode()  # type: ignore[attr-defined]
    assert str(error) in caplog.text
