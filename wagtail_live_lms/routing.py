"""The sockets, for the site's `asgi.py`."""

from channels.routing import URLRouter
from django.urls import path, re_path

from wagtail_live_lms.live.socket import live_socket, no_socket

websocket_urlpatterns = [
    path("ws/live/", live_socket),  # type: ignore[arg-type]
    path("ws/<str:topic>/", live_socket),  # type: ignore[arg-type]
]

websocket_application = URLRouter(
    [*websocket_urlpatterns, re_path(r"", no_socket)]  # type: ignore[arg-type]
)
"""All there is to route: it checks the origin and reads session and user by itself."""
