"""The account page of Jupyter's users: their tokens, and the codes of programs that ask for one."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View

from wagtail_live_lms import access, conf, credentials
from wagtail_live_lms.actions import (
    create_token,
    grant_pairing,
    refuse_pairing,
    revoke_token,
)
from wagtail_live_lms.exceptions import TooManyTokens
from wagtail_live_lms.live import LiveError, NotFound, RateLimitExceeded, row_id
from wagtail_live_lms.live.ratelimit import count
from wagtail_live_lms.live.views import error_response
from wagtail_live_lms.models import Pairing

LIFETIMES = (
    (30, gettext_lazy("30 days")),
    (180, gettext_lazy("180 days")),
    (365, gettext_lazy("1 year")),
)


class TokenForm(forms.Form):
    """A name to recognise the token by, and how long it lasts."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Where you will use it, for instance “My laptop”."),
        error_messages={"required": gettext_lazy("Give the token a name to recognise it by.")},
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"), choices=LIFETIMES, coerce=int, initial=180
    )

    def expires_at(self) -> datetime:
        return timezone.now() + timedelta(days=self.cleaned_data["days"])


@method_decorator([never_cache, csrf_protect, login_required], name="dispatch")
class AccountView(View):
    """Base of these pages: for the person alone, and never stored by a cache."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except LiveError as error:
            return error_response(request, error)


class TokensView(AccountView):
    """One's tokens: see them, make one, go on to revoke one or to type a code."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(TokenForm(auto_id="live-lms-%s"))

    @method_decorator(sensitive_variables("made"))
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST, auto_id="live-lms-%s")
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            made = create_token(
                request.user, form.cleaned_data["name"], expires_at=form.expires_at()
            )
        except TooManyTokens as error:
            form.add_error(None, str(error.message))
            return self._show(form, status=error.status)
        return self._show(TokenForm(auto_id="live-lms-%s"), made=made)

    def _show(self, form: TokenForm, *, made: Any = None, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "made": made,
            "tokens": access.get_tokens_for(self.request.user),
            "site": self.request.build_absolute_uri("/").rstrip("/"),
        }
        template = "wagtail_live_lms/jupyter/tokens.html"
        return render(self.request, template, context, status=status)


class RevokeTokenView(AccountView):
    """Ask, then end one of one's tokens."""

    def get(self, request: HttpRequest, token_id: int) -> HttpResponse:
        context = {"token": self._token(token_id)}
        return render(request, "wagtail_live_lms/jupyter/revoke.html", context)

    def post(self, request: HttpRequest, token_id: int) -> HttpResponse:
        revoke_token(self._token(token_id))
        return redirect("wagtail_live_lms:jupyter")

    def _token(self, token_id: int) -> Any:
        return access.get_token_for(self.request.user, row_id(str(token_id)))


class ConnectView(AccountView):
    """Type the code a program shows, see which program it is, allow or refuse it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = request.GET.get("code", "")
        if not typed.strip():
            return self._ask()
        try:
            return self._confirm(self._find(typed), typed)
        except (NotFound, RateLimitExceeded) as error:
            return self._ask(typed, error)

    def post(self, request: HttpRequest) -> HttpResponse:
        typed = request.POST.get("code", "")
        try:
            pairing = self._find(typed)
        except (NotFound, RateLimitExceeded) as error:
            return self._ask(typed, error)
        if request.POST.get("decision") == "allow":
            grant_pairing(pairing, request.user)
            return self._done(pairing, is_connected=True)
        refuse_pairing(pairing)
        return self._done(pairing, is_connected=False)

    def _find(self, typed: str) -> Pairing:
        count(self.request, "live-lms:code", conf.current().CODE_RATE_LIMIT)
        return access.get_open_pairing(self.request.user, typed)

    def _ask(self, typed: str = "", error: LiveError | None = None) -> HttpResponse:
        message = (
            error.message
            if isinstance(error, RateLimitExceeded)
            else _(
                "This code is not known, or it is older than ten minutes. Look at the code in "
                "Jupyter again, or let Jupyter show a new one."
            )
        )
        context = {"typed": typed[:40], "error": message if error else ""}
        status = error.status if error else 200
        return render(self.request, "wagtail_live_lms/jupyter/code.html", context, status=status)

    def _confirm(self, pairing: Pairing, typed: str) -> HttpResponse:
        code = credentials.show_user_code(credentials.read_user_code(typed))
        context = {"pairing": pairing, "code": code}
        return render(self.request, "wagtail_live_lms/jupyter/confirm.html", context)

    def _done(self, pairing: Pairing, *, is_connected: bool) -> HttpResponse:
        context = {"pairing": pairing, "is_connected": is_connected}
        return render(self.request, "wagtail_live_lms/jupyter/done.html", context)
