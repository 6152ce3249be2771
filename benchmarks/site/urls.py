"""The example site's URLs, and the view it is compared with."""

from django.urls import path

from example_site.urls import urlpatterns as example_urls

from .bare import complete

urlpatterns = [path("benchmark/complete/", complete), *example_urls]
