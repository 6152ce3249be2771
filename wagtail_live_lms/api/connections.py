"""How programs get a token: pairing in the browser, or a hub's credential."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Status

from wagtail_live_lms import conf
from wagtail_live_lms.actions import begin_pairing, collect_token, mint_token
from wagtail_live_lms.actions.tokens import PAIRING_SECONDS, POLL_SECONDS
from wagtail_live_lms.live.ratelimit import count

from .authentication import HubCredential, token_of
from .openapi import problems
from .schemas import DeviceCode, MintedToken, MintIn, PairedToken, PairingIn, PairingOut

router = Router()


@router.post("/pairings", response={201: PairingOut, **problems(413, 422, 429)})
def create_pairing(request: HttpRequest, wish: PairingIn) -> Status:
    """Begin a pairing, after RFC 8628. Somebody who is logged in confirms the code."""
    _count_address(request)
    begun = begin_pairing(wish.client or "Jupyter")
    connect = reverse("wagtail_live_lms:connect_jupyter")
    return Status(
        201,
        {
            "user_code": begun.user_code,
            "device_code": begun.device_code,
            "verification_url": request.build_absolute_uri(connect),
            "expires_in": PAIRING_SECONDS,
            "interval": POLL_SECONDS,
        },
    )


@router.post("/pairings/token", response={200: PairedToken, **problems(400, 409, 413, 422, 429)})
def collect_pairing_token(request: HttpRequest, asked: DeviceCode) -> dict[str, Any]:
    """The token of a confirmed pairing, once.

    Until then the answer is 400 with `authorization_pending`, `slow_down`, `access_denied` or
    `expired_token`.
    """
    _count_address(request)
    made = collect_token(asked.device_code)
    return {"token": made.text, "expires_at": made.token.expires_at, "name": made.token.name}


@router.post(
    "/tokens",
    auth=HubCredential(),
    response={201: MintedToken, **problems(401, 403, 404, 409, 413, 422, 429)},
)
def create_student_token(request: HttpRequest, wish: MintIn) -> Status:
    """Make a token for a student whose server the hub starts."""
    name = wish.name or "JupyterHub"
    made = mint_token(token_of(request), wish.username, name, hours=wish.hours)
    return Status(201, {"token": made.text, "expires_at": made.token.expires_at})


def _count_address(request: HttpRequest) -> None:
    count(request, "live-lms:pairing", conf.current().PAIRING_RATE_LIMIT, key="ip")
