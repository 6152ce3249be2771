"""`python -m benchmarks`: measure and print the table; a whole run writes results.json."""

import argparse
import gc
import os
import signal
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.site.settings")

NAMES = [
    "fanout",
    "completion",
    "roster",
    "page",
    "memory",
    "peer",
    "notices",
    "posting",
    "quizzes",
    "storm",
]


def main() -> int:
    """Exit status 1 when a target is missed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers are stopped on the way out
    with tempfile.TemporaryDirectory(prefix="live-lms-bench-") as folder:
        os.environ["BENCHMARK_DATABASE"] = str(Path(folder) / "seed.sqlite3")
        import django  # noqa: PLC0415 - the settings read the environment set above

        django.setup()
        from benchmarks.run import run  # noqa: PLC0415 - needs the apps

        gc.freeze()
        is_whole = not (options.only or options.quick)
        return run(options.only or NAMES, is_quick=options.quick, writes=is_whole)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be given repeatedly")
    parser.add_argument("--quick", action="store_true", help="a look, not a result")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
