"""The command `jupyter live-lms`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .client import Answer, Client, Verdict
from .configuration import TOKEN, TOKEN_FILE, check_address, data_folder
from .credentials import Credentials, Source, load_connection
from .lesson import Evaluation, evaluate, parse
from .outbox import Failure, Outbox, Report, make_report
from .pairing import PairingError, pair
from .progress import REASONS

RECORDED, NOT_DONE, QUEUED = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    options = _parser().parse_args(arguments)
    match options.command:
        case "connect":
            return connect(options.site)
        case "finish":
            return finish(Path(options.notebook))
    return show_status()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter live-lms", description="Wagtail Live LMS")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    connecting = commands.add_parser("connect", help="connect this Jupyter to a course site")
    connecting.add_argument("site", help="its address, for example https://courses.example.org")
    finishing = commands.add_parser("finish", help="report a lesson that was run and saved")
    finishing.add_argument("notebook", help="the .ipynb file")
    commands.add_parser("status", help="tell what is configured, queued and refused")
    return parser


def connect(site: str) -> int:
    """Pair with a site; 0 once the token is stored."""
    address = check_address(site, "the address")
    if not address.is_usable:
        return _fail(address.text)
    try:
        connection = asyncio.run(pair(address.text, partial(print, flush=True)))
    except PairingError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("Given up; nothing was connected.")
    print(f"Connected to {connection.site}. Running Jupyter servers use it within seconds.")
    overruling = [name for name in (TOKEN_FILE, TOKEN) if os.environ.get(name)]
    if overruling:
        print(f"But {overruling[0]} is set, and is used instead.")
    return RECORDED


def show_status() -> int:
    """Print what is configured, queued and refused; 0 when address and token are both usable."""
    source, outbox = Source.from_environment(), Outbox(data_folder())
    address, token = source.describe_address(), source.describe_token()
    print(f"Course site: {address.text}")
    print(f"Token:       {token.text}")
    stored = load_connection()
    if stored and stored.expires_at and "connect" in token.text:
        print(f"Expires:     {stored.expires_at}")
    pending, failures = outbox.pending(), outbox.failures()
    print(f"Queued:      {_count(len(pending))} not recorded yet")
    for report in pending:
        print(f"  {_describe(report)}, since {report.evaluated_at}, for {report.site}")
    print(f"Refused:     {_count(len(failures))}")
    for failure in failures:
        print(f"  {_describe_failure(failure)}")
    return 0 if address.is_usable and token.is_usable else 1


def finish(path: Path) -> int:
    """Report a saved notebook: 0 recorded as completed, 1 not finished or refused, 3 queued."""
    evaluation = _read(path)
    if evaluation is None:
        return _fail(f"{path} is not a lesson of a course site, or cannot be read.")
    if evaluation.mark.problem:
        return _fail(evaluation.mark.problem)
    mark = evaluation.mark
    print(f"{mark.title}: {len(evaluation.passed)} of {len(mark.required)} cells passed")
    for cell in evaluation.remaining:
        print(f"  “{cell.label}” {REASONS[cell.reason]}")
    if not evaluation.passed:
        return _fail("Nothing to report yet. Run the cells and save the notebook first.")
    report = make_report(
        site=mark.site, module=mark.module, title=mark.title, passed=evaluation.passed,
        required=len(mark.required), digest=mark.digest, mode="finish",
    )  # fmt: skip
    outbox = Outbox(data_folder())
    outbox.add(report)
    return _send(report, outbox)


def _read(path: Path) -> Evaluation | None:
    try:
        notebook = parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return evaluate(notebook) if notebook else None


def _send(report: Report, outbox: Outbox) -> int:
    """Deliver one report now if this process may, else leave it to the Jupyter server."""
    source = Source.from_environment()
    credentials = source.read()
    if credentials is None or not source.belongs(report.site, credentials.site):
        print("Queued, not recorded yet: a running Jupyter server connected to")
        print(f"{report.site} delivers it. To connect: jupyter live-lms connect {report.site}")
        return QUEUED
    answer = asyncio.run(_deliver(report, credentials))
    return _conclude(report, outbox, answer)


async def _deliver(report: Report, credentials: Credentials) -> Answer:
    client = await asyncio.to_thread(Client.for_credentials, credentials)
    try:
        return await client.report(report)
    finally:
        await client.close()


def _conclude(report: Report, outbox: Outbox, answer: Answer) -> int:
    """Keep the outbox true to the answer, and say it."""
    if answer.verdict is Verdict.REFUSED:
        outbox.refuse(report, status=answer.status, code=answer.code, detail=answer.detail)
        return _fail(f"The course site did not accept the report. {answer.detail}")
    if answer.verdict is not Verdict.DONE:
        print(f"Queued, not recorded yet. {answer.detail}")
        return QUEUED
    outbox.remove(report)
    outbox.forget_failures(report.site, report.module)
    if answer.data.get("state") == "completed":
        print(f"Recorded: completed at {answer.data.get('completed_at')}.")
        return RECORDED
    if answer.data.get("state") == "queued":
        print("Recorded: all has passed. It is completed once you finish the lessons before it.")
        return RECORDED
    print("Recorded; the lesson is not completed yet.")
    return NOT_DONE


def _count(number: int) -> str:
    return f"{number} report{'' if number == 1 else 's'}"


def _describe(report: Report) -> str:
    return f"{report.title} (module {report.module}): {len(report.passed)} of {report.required}"


def _describe_failure(failure: Failure) -> str:
    if failure.report is None:
        return f"{failure.path.name}: {failure.detail}; the file may be deleted"
    return f"{_describe(failure.report)}: {failure.detail} [{failure.status} {failure.code}]"


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return NOT_DONE
