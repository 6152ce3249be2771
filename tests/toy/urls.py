"""A site with one kind of page, on which the components stand that its URL names."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from example_site.urls import urlpatterns as site_urlpatterns


def page(request: HttpRequest, name: str, room_id: int | None = None) -> HttpResponse:
    return render(request, "toy/page.html", {"name": name, "room_id": room_id})


urlpatterns = [
    path("toy/<str:name>/", page),
    path("toy/<str:name>/<int:room_id>/", page),
    *site_urlpatterns,
]
