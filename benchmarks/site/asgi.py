"""One application for all measurements: the product, the stock consumers, and a publisher."""

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from example_site.asgi import django_application, tune_garbage_collector
from wagtail_live_lms.routing import websocket_urlpatterns

from .publishing import PublishConsumer
from .stock import StockDashboard, bare_socket
from .telling import TellConsumer

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": URLRouter(
            [
                path("benchmark/stock/<int:course_id>/", StockDashboard.as_asgi()),
                path("benchmark/bare/", bare_socket),  # type: ignore[arg-type]
                path("benchmark/publish/", PublishConsumer.as_asgi()),
                path("benchmark/tell/", TellConsumer.as_asgi()),
                *websocket_urlpatterns,
            ]
        ),
    }
)
tune_garbage_collector()
