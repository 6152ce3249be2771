"""The ASGI application: pages and events over HTTP, pushes over WebSocket."""

import gc
import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.settings.production")
# Loads the apps, so it comes before anything that imports models.
django_application = get_asgi_application()

from wagtail_live_lms.routing import websocket_application  # noqa: E402


def tune_garbage_collector() -> None:
    """Keep full collections out of the live path.

    What start-up created lives for ever, so it is frozen out of every later collection.
    A full collection pauses all sockets of the process; these thresholds make it rare.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


application = ProtocolTypeRouter({"http": django_application, "websocket": websocket_application})
tune_garbage_collector()
