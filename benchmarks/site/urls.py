"""The example site's URLs, and the views it is compared with."""

from django.urls import path

from example_site.urls import urlpatterns as example_urls

from .bare import complete
from .bare_quiz import save, submit

urlpatterns = [
    path("benchmark/complete/", complete),
    path("benchmark/save/", save),
    path("benchmark/submit/", submit),
    *example_urls,
]
