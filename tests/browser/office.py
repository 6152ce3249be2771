"""Another process of a site, in which tests make things and tell people things.

It keeps running, because Wagtail takes seconds to load. What it pushes reaches the open pages by
the database alone, as between two workers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.db import close_old_connections

ROOT = Path(__file__).resolve().parent.parent.parent


class Office:
    """The process, as a test holds it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.office"],
            env=environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, name: str, arguments: dict[str, Any]) -> Any:
        """Call `module:function` there; returns what it returns, read as JSON.

        Raises RuntimeError with the traceback of what it raised.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"name": name, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"The process ended: {self.process.returncode}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    @property
    def is_open(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def _answer(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, function = name.split(":")
    try:
        return {"result": getattr(import_module(module), function)(**arguments)}
    except Exception:  # noqa: BLE001 - raised again where it was asked for
        return {"error": traceback.format_exc()}


def _main() -> None:
    django.setup()
    for line in sys.stdin:
        answer = _answer(**json.loads(line))
        close_old_connections()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _main()
