"""Tokens of programs: made, used, revoked, and handed over by pairing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_live_lms import conf, credentials
from wagtail_live_lms.exceptions import (
    AccessDenied,
    AuthorizationPending,
    PairingError,
    PairingExpired,
    SlowDown,
    TooManyTokens,
    UnknownUser,
)
from wagtail_live_lms.models import ApiToken, Pairing, TokenScope

PAIRING_SECONDS = 600
POLL_SECONDS = 3
USED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: a row is not written at every request."""

MAX_TOKENS = 50
"""Valid tokens a person may have."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made. `text` is nowhere else and cannot be had again."""

    token: ApiToken
    text: str


@dataclass(frozen=True, slots=True)
class NewPairing:
    """A pairing that was just begun, with the codes that are nowhere else."""

    pairing: Pairing
    user_code: str
    device_code: str


def create_token(user: Any, name: str, *, expires_at: datetime | None = None) -> NewToken:
    """A token with which a program reports this student's progress. Raises TooManyTokens."""
    with transaction.atomic():
        get_user_model()._default_manager.select_for_update().get(pk=user.pk)
        if ApiToken.objects.usable().filter(user=user).count() >= MAX_TOKENS:
            raise TooManyTokens
        return _create(credentials.REPORT, name, user=user, expires_at=expires_at)


def create_hub_credential(name: str, *, expires_at: datetime | None = None) -> NewToken:
    """A credential with which a hub makes tokens for the students it starts servers for."""
    return _create(credentials.MINT, name, scope=TokenScope.MINT, expires_at=expires_at)


def mint_token(hub: ApiToken, username: str, name: str, *, hours: int) -> NewToken:
    """A token for a student of the hub; those of theirs that it made and that expired go.

    Raises UnknownUser and TooManyTokens.
    """
    users = get_user_model()._default_manager
    key = get_user_model().USERNAME_FIELD
    is_name = username.isprintable()  # a database refuses some of what is not
    user = users.filter(**{key: username}, is_active=True).first() if is_name else None
    if user is None:
        raise UnknownUser
    now = timezone.now()
    with transaction.atomic():
        ApiToken.objects.filter(user=user, minted_by=hub, expires_at__lte=now).delete()
        made = create_token(user, name, expires_at=now + timedelta(hours=hours))
        ApiToken.objects.filter(pk=made.token.pk).update(minted_by=hub)
    return made


def revoke_token(token: ApiToken) -> None:
    """End a token at once, and with a hub's credential what it made. Idempotent."""
    now = timezone.now()
    ended = ApiToken.objects.filter(pk=token.pk) | ApiToken.objects.filter(minted_by=token)
    ended.filter(revoked_at=None).update(revoked_at=now)


def touch_token(token: ApiToken, text: str) -> None:
    """Note that a token was used, and renew a digest made with an earlier SECRET_KEY."""
    now, digest = timezone.now(), credentials.digest(text)
    is_noted = token.last_used_at is not None and token.last_used_at > now - USED_EVERY
    if not is_noted or token.digest != digest:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, digest=digest)


def begin_pairing(client: str) -> NewPairing:
    """Begin to hand a token to a program; its person confirms the code within PAIRING_SECONDS."""
    now = timezone.now()
    Pairing.objects.filter(expires_at__lte=now).delete()
    user_code, device_code = credentials.make_user_code(), credentials.make_device_code()
    pairing = Pairing.objects.create(
        client=client,
        user_code_digest=credentials.digest(user_code),
        device_code_digest=credentials.digest(device_code),
        expires_at=now + timedelta(seconds=PAIRING_SECONDS),
    )
    return NewPairing(pairing, credentials.show_user_code(user_code), device_code)


def grant_pairing(pairing: Pairing, user: Any) -> bool:
    """Let the program have a token of this person; False if it was decided meanwhile."""
    return bool(_undecided(pairing).update(user=user))


def refuse_pairing(pairing: Pairing) -> bool:
    """Let the program have nothing; False if it was decided meanwhile."""
    return bool(_undecided(pairing).update(is_refused=True))


def collect_token(device_code: str) -> NewToken:
    """The token of a granted pairing, once.

    Raises AuthorizationPending, SlowDown, AccessDenied, PairingExpired and TooManyTokens.
    """
    with transaction.atomic():
        pairing = _find_pairing(device_code)
        refusal = _refusal_of(pairing)
        if refusal is None:
            pairing.delete()
            days = conf.current().TOKEN_DAYS
            expires_at = timezone.now() + timedelta(days=days) if days else None
            return create_token(pairing.user, pairing.client, expires_at=expires_at)
    raise refusal


def _create(prefix: str, name: str, **fields: Any) -> NewToken:
    text = credentials.make_token(prefix)
    token = ApiToken.objects.create(
        name=name or _("Jupyter"),
        prefix=credentials.shown_part(text),
        digest=credentials.digest(text),
        **fields,
    )
    return NewToken(token, text)


def _undecided(pairing: Pairing) -> Any:
    return Pairing.objects.filter(
        pk=pairing.pk, user=None, is_refused=False, expires_at__gt=timezone.now()
    )


def _find_pairing(device_code: str) -> Pairing:
    """The pairing, locked: of two questions at once only one gets the token."""
    digests = list(credentials.digests(device_code))
    found = Pairing.objects.select_for_update().filter(device_code_digest__in=digests).first()
    if found is None or found.expires_at <= timezone.now():
        raise PairingExpired
    return found


def _refusal_of(pairing: Pairing) -> PairingError | None:
    if pairing.is_refused or (pairing.user is not None and not pairing.user.is_active):
        return AccessDenied()
    if pairing.user is not None:
        return None
    now, before = timezone.now(), pairing.polled_at
    Pairing.objects.filter(pk=pairing.pk).update(polled_at=now)
    too_soon = timedelta(seconds=POLL_SECONDS - 1)  # the network's jitter is not the program's
    is_slow_enough = before is None or now - before >= too_soon
    return AuthorizationPending() if is_slow_enough else SlowDown()
