"""The course site's API, as far as a student's Jupyter needs it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from .configuration import is_loopback
from .credentials import Credentials
from .outbox import Report

API = "/live-lms/api/v1/"
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
LONGEST_WAIT = 3600.0
"""No answer makes us wait longer, in seconds."""


def client_name() -> str:
    """Name and version as the course site shows them."""
    try:
        return f"jupyter-live-lms/{version('jupyter-live-lms')}"
    except PackageNotFoundError:
        return "jupyter-live-lms"


class Verdict(Enum):
    """What to do with a request after its answer."""

    DONE = "done"
    RETRY = "retry"
    PAUSE = "pause"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """An answer, or its absence (`status` 0), and what to do next."""

    verdict: Verdict
    status: int = 0
    code: str = ""
    detail: str = ""
    retry_after: float | None = None
    data: dict[str, Any] = field(default_factory=dict)


class Client:
    """Requests to one site with one token. Make it in a thread: it reads all certificates."""

    def __init__(self, site: str, token: str = "") -> None:
        headers = {"User-Agent": client_name(), "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.AsyncClient(
            base_url=site + API,
            headers=headers,
            timeout=TIMEOUT,
            follow_redirects=False,
            # A proxy must not see a token that travels by plain http inside this machine.
            trust_env=not is_loopback(site),
        )

    @classmethod
    def for_credentials(cls, credentials: Credentials) -> Client:
        return cls(credentials.site, credentials.token)

    async def close(self) -> None:
        await self._http.aclose()

    async def report(self, report: Report) -> Answer:
        """Send which cells passed; the report's key makes a repetition harmless."""
        body = {
            "passed": list(report.passed),
            "digest": report.digest,
            "evidence": {
                "mode": report.mode,
                "client": client_name(),
                "evaluated_at": report.evaluated_at,
            },
        }
        headers = {"Idempotency-Key": report.key}
        path = f"modules/{report.module}/progress"
        return await self._send("POST", path, json=body, headers=headers)

    async def module(self, module: int) -> Answer:
        """What the site knows of this student's progress in a lesson."""
        return await self._send("GET", f"modules/{module}")

    async def me(self) -> Answer:
        """Whose token this is."""
        return await self._send("GET", "me")

    async def notifications(self, after: int) -> Answer:
        """The student's own notifications newer than `after`."""
        return await self._send("GET", "notifications", params={"after": after})

    async def start_pairing(self) -> Answer:
        """Ask for a code the student types on the site."""
        name = f"Jupyter on {platform.node() or 'a computer'}"[:100]
        return await self._send("POST", "pairings", json={"client": name})

    async def finish_pairing(self, device_code: str) -> Answer:
        """The token, once the student has confirmed."""
        return await self._send("POST", "pairings/token", json={"device_code": device_code})

    async def _send(self, method: str, path: str, **options: Any) -> Answer:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            return Answer(Verdict.RETRY, code="unreachable", detail=_explain(error))
        except RuntimeError:  # closed meanwhile: the student has connected anew, or Jupyter ends
            return Answer(Verdict.RETRY, code="closed", detail="The connection was renewed.")
        return classify(response)


def classify(response: httpx.Response) -> Answer:
    """Sort an answer: recorded, to be repeated, waiting for the student, or never to succeed.

    Only the API's own JSON counts: a proxy's login page is neither a success nor a refusal.
    """
    status, data = response.status_code, _json_of(response)
    wait = _retry_after(response)
    if 200 <= status < 300 and data is not None:
        return Answer(Verdict.DONE, status, data=data)
    code, detail = _problem_of(status, data)
    if status in {401, 403}:
        return Answer(Verdict.PAUSE, status, code, detail)
    is_problem = data is not None and "code" in data
    if not is_problem or status in {408, 425, 429} or not 400 <= status < 500:
        return Answer(Verdict.RETRY, status, code, detail, wait)
    return Answer(Verdict.REFUSED, status, code, detail)


def _json_of(response: httpx.Response) -> dict[str, Any] | None:
    try:
        data = response.json()
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _problem_of(status: int, data: dict[str, Any] | None) -> tuple[str, str]:
    """Code and explanation of a problem; a foreign answer is described by its status only."""
    if data is None or not isinstance(data.get("code"), str):
        return f"http_{status}", f"The course site answered with status {status}."
    return data["code"], str(data.get("detail") or data.get("title") or data["code"])


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait, from a number or a date; never negative, at most an hour."""
    text = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(int(text)) if text.isascii() and text.isdigit() else _seconds_until(text)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds_until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - datetime.now(timezone.utc)).total_seconds()


def _explain(error: httpx.HTTPError) -> str:
    """Why there was no answer, without the address's secrets: httpx puts none into its texts."""
    if isinstance(error, httpx.TimeoutException):
        return "The course site did not answer in time."
    return f"The course site could not be reached ({type(error).__name__})."
