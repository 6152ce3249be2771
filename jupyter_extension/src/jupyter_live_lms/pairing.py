"""`jupyter live-lms connect`: a short code, typed on the course site, brings the token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from .client import Answer, Client, Verdict
from .credentials import Connection, store_connection

SLOWER_SECONDS = 5.0
Say = Callable[[str], None]


class PairingError(Exception):
    """The pairing did not come about; the text tells the student why."""


async def pair(site: str, say: Say) -> Connection:
    """Show a code, wait until the student has confirmed it on the site, store the token."""
    client = await asyncio.to_thread(Client, site)
    try:
        answer = await client.start_pairing()
        if answer.verdict is not Verdict.DONE:
            raise PairingError(answer.detail)
        _show(answer.data, say)
        token = await _wait_for_token(client, answer.data)
    finally:
        await client.close()
    connection = Connection(site, token["token"], str(token.get("name", "")), token["expires_at"])
    await asyncio.to_thread(store_connection, connection)
    return connection


def _show(pairing: dict[str, Any], say: Say) -> None:
    minutes = max(1, int(pairing["expires_in"]) // 60)
    say(f"Open   {pairing['verification_url']}")
    say(f"Enter  {pairing['user_code']}   (within {minutes} minutes)")
    say("Waiting for you to confirm …")


async def _wait_for_token(client: Client, pairing: dict[str, Any]) -> dict[str, Any]:
    """Ask as often as the site allows until it says yes, no, or too late."""
    interval = float(pairing["interval"])
    deadline = time.monotonic() + float(pairing["expires_in"])
    while time.monotonic() < deadline:
        await asyncio.sleep(interval)
        answer = await client.finish_pairing(pairing["device_code"])
        if answer.verdict is Verdict.DONE:
            return answer.data
        interval += _judge(answer)
    raise PairingError("The code has expired. Start again.")


def _judge(answer: Answer) -> float:
    """Seconds to wait longer from now on; raises when there is nothing to wait for."""
    match answer.code:
        case "authorization_pending":
            return 0.0
        case "slow_down":
            return SLOWER_SECONDS
        case "expired_token":
            raise PairingError("The code has expired. Start again.")
        case "access_denied":
            raise PairingError("The connection was refused on the course site.")
    if answer.verdict is Verdict.RETRY:
        return answer.retry_after or 1.0
    raise PairingError(answer.detail)
