"""Requests as a program makes them: a token, JSON, no cookies."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from wagtail_live_lms import actions
from wagtail_live_lms.models import Module

ROOT = "/live-lms/api/v1/"


class Program:
    """A program with a token, or without."""

    def __init__(self, token: str = "") -> None:
        self.http = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.http.get(ROOT + path, headers=self.headers | headers)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        return self.http.post(
            ROOT + path, body, content_type="application/json", headers=self.headers | headers
        )

    def report(self, module: Module, *passed: str, key: Any = None, **body: Any) -> HttpResponse:
        """Say that cells passed; a new key unless one is given."""
        return self.post(
            f"modules/{module.pk}/progress",
            report_body(*passed) | body,
            **{"Idempotency-Key": str(key or uuid.uuid4())},
        )


def report_body(*passed: str) -> dict[str, Any]:
    evidence = {
        "mode": "saved",
        "client": "jupyter-live-lms/0.1.0",
        "evaluated_at": timezone.now().isoformat(),
    }
    return {"passed": list(passed), "digest": None, "evidence": evidence}


def program_of(user: Any) -> Program:
    """A program with a new token of this person."""
    return Program(actions.create_token(user, "Tests").text)


def hub(name: str = "Our hub") -> Program:
    """A hub with a credential of its own."""
    return Program(actions.create_hub_credential(name).text)


def problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, which must be this one."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    told: dict[str, Any] = response.json()
    assert (response.status_code, told["status"], told["code"]) == (status, status, code), told
    assert told["detail"]
    assert told["title"]
    assert "no-store" in response.headers["Cache-Control"]
    return told
