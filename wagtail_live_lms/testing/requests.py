"""A request as a component sees it, with no server in front."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory


def make_request(user: Any = None, path: str = "/", **data: Any) -> HttpRequest:
    """A POST request of this user (None: nobody is logged in) with a session and messages."""
    request: Any = RequestFactory().post(path, data)
    request.user = AnonymousUser() if user is None else user
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    request._messages = FallbackStorage(request)
    return request
