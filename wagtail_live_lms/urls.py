"""What a site includes under `live-lms/`."""

from django.urls import include, path

from wagtail_live_lms import api
from wagtail_live_lms.components import jupyter_account
from wagtail_live_lms.components.export import export_roster
from wagtail_live_lms.components.grade_csv import export_grades, import_grades
from wagtail_live_lms.components.notebook_file import download_notebook
from wagtail_live_lms.components.notification_page import (
    add_browser,
    notification_page,
    push_worker,
    remove_browser,
)
from wagtail_live_lms.components.shells import shell
from wagtail_live_lms.live.views import ComponentView, log_in

app_name = "wagtail_live_lms"

urlpatterns = [
    path("components/<str:name>/", ComponentView.as_view(), name="component"),
    path("shell/", shell, name="shell"),
    path("login/", log_in, name="login"),
    path("courses/<int:course_id>/students.csv", export_roster, name="export_roster"),
    path("quizzes/<int:quiz_id>/grades.csv", export_grades, name="export_grades"),
    path("quizzes/<int:quiz_id>/grades/import/", import_grades, name="import_grades"),
    path("notifications/", notification_page, name="notifications"),
    path("notifications/browsers/", add_browser, name="add_browser"),
    path("notifications/browsers/<int:browser_id>/", remove_browser, name="remove_browser"),
    path("notifications/worker.js", push_worker, name="push_worker"),
    path("modules/<int:module_id>/notebook.ipynb", download_notebook, name="notebook"),
    path("jupyter/", jupyter_account.TokensView.as_view(), name="jupyter"),
    path("jupyter/connect/", jupyter_account.ConnectView.as_view(), name="connect_jupyter"),
    path(
        "jupyter/tokens/<int:token_id>/revoke/",
        jupyter_account.RevokeTokenView.as_view(),
        name="revoke_token",
    ),
    path("api/v1/", include((api.urlpatterns, "api"))),
]
