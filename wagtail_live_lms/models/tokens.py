"""Tokens that programs use on a person's behalf, and the pairing that hands one over."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TokenScope(models.TextChoices):
    """What a token is good for; none of them logs anybody in."""

    REPORT = "report", _("Report a student's own progress in notebooks")
    MINT = "mint", _("Make tokens for a hub's students")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens."""

    def usable(self) -> "ApiTokenQuerySet":
        """Those that are neither revoked nor expired."""
        return self.filter(revoked_at=None).exclude(expires_at__lte=timezone.now())


class ApiToken(models.Model):
    """A token of a program. Only its digest is stored: the text is shown once, when it is made."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="live_lms_tokens",
        verbose_name=_("user"),
    )
    minted_by = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="minted"
    )
    name = models.CharField(_("name"), max_length=100)
    scope = models.CharField(
        _("scope"), max_length=10, choices=TokenScope.choices, default=TokenScope.REPORT
    )
    prefix = models.CharField(_("begins with"), max_length=24)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="report", user__isnull=False) | Q(scope="mint", user=None),
                name="live_lms_report_token_has_user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Pairing(models.Model):
    """A program's wish for a token, until its person grants or refuses it.

    Neither of its codes is stored, only their digests; the token is made when the program
    collects it.
    """

    client = models.CharField(_("program"), max_length=100)
    user_code_digest = models.CharField(max_length=64, unique=True)
    device_code_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    is_refused = models.BooleanField(default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")

    def __str__(self) -> str:
        return self.client

    @property
    def is_over(self) -> bool:
        return self.is_refused or self.expires_at <= timezone.now()
