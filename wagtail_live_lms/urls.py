"""What a site includes under `live-lms/`."""

from django.urls import path

from wagtail_live_lms.components.export import export_roster
from wagtail_live_lms.components.notification_page import (
    add_browser,
    notification_page,
    push_worker,
    remove_browser,
)
from wagtail_live_lms.live.views import ComponentView, log_in

app_name = "wagtail_live_lms"

urlpatterns = [
    path("components/<str:name>/", ComponentView.as_view(), name="component"),
    path("login/", log_in, name="login"),
    path("courses/<int:course_id>/students.csv", export_roster, name="export_roster"),
    path("notifications/", notification_page, name="notifications"),
    path("notifications/browsers/", add_browser, name="add_browser"),
    path("notifications/browsers/<int:browser_id>/", remove_browser, name="remove_browser"),
    path("notifications/worker.js", push_worker, name="push_worker"),
]
