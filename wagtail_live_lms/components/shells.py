"""The personal part of a page whose HTML is shared: loaded privately, by each for themselves."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from wagtail_live_lms.live import signing
from wagtail_live_lms.live.exceptions import LiveError
from wagtail_live_lms.live.places import places
from wagtail_live_lms.live.views import error_response, is_htmx

from .placing import place


@vary_on_cookie
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """What belongs into a shell: for htmx the component, without a script a page around it."""
    try:
        response = _answer(request)
    except LiveError as error:
        response = error_response(request, error)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    claim = signing.verify_shell(request.GET.get("token", ""))
    places.check(request, claim.page)
    url = _page_url(request)
    request.live_lms_page = url  # type: ignore[attr-defined]
    query = QueryDict(urlsplit(url).query).dict()
    with translation.override(claim.language):
        html = place(
            request, claim.component, claim.params, claim.page, query, is_offer=claim.is_offer
        )
        if is_htmx(request):
            return HttpResponse(html)
        return render(request, "wagtail_live_lms/live/shell_page.html", {"html": html, "url": url})


def _page_url(request: HttpRequest) -> str:
    """The page that has the shell: as the browser says, or as it was when the page was cached."""
    for url in (request.headers.get("HX-Current-URL"), request.GET.get("next")):
        if url and url_has_allowed_host_and_scheme(url, {request.get_host()}):
            parts = urlsplit(url)
            return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "/"
