"""The command `jupyter live-lms`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from .configuration import describe_address, describe_token


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="jupyter live-lms", description="Wagtail Live LMS")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("status", help="tell what is configured; asks no server")
    parser.parse_args(arguments)
    return show_status()


def show_status() -> int:
    """Print what is configured; 0 when address and token are both usable, else 1."""
    address, token = describe_address(), describe_token()
    print(f"Course site: {address.text}")
    print(f"Token:       {token.text}")
    print("Reporting:   not part of this version; nothing is sent to the course site")
    return 0 if address.is_usable and token.is_usable else 1
