"""Running the measurements in order, with the machine's load beside them."""

import time
from datetime import UTC, datetime

from . import completion, fanout, memory, notices, page, peer, posting, quizzes, roster, storm
from .data import database_file, seed
from .plan import FULL, QUICK, Bench
from .results import Row, machine, table, write
from .servers import running_redis

MEASUREMENTS = {
    "fanout": fanout.measure,
    "notices": notices.measure,
    "posting": posting.measure,
    "completion": completion.measure,
    "roster": roster.measure,
    "page": page.measure,
    "memory": memory.measure,
    "peer": peer.measure,
    "quizzes": quizzes.measure,
    "storm": storm.measure,
}


def run(names: list[str], *, is_quick: bool, writes: bool) -> int:
    """Measure, print and write; 1 when a target is missed."""
    effort = QUICK if is_quick else FULL
    before, started = machine(), time.monotonic()
    _say(f"load average {before['load_average']} on {before['cores']} cores")
    rows: list[Row] = []
    with running_redis() as redis_url:
        if not redis_url:
            _say("redis-server is not installed: its rows are left out")
        rosters = seed(list(effort.rosters))
        bench = Bench(effort, database_file(), rosters, redis_url)
        _say(f"seeded rosters of {', '.join(map(str, rosters))}")
        for name in names:
            rows += MEASUREMENTS[name](bench)
            _say(f"{name} measured")
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started),
        "effort": "quick" if is_quick else "full",
        "machine_before": before,
        "load_average_after": machine()["load_average"],
    }
    print(table(rows))
    _say(f"load average {about['load_average_after']}; in brackets the medians of repetitions")
    if writes:
        write(rows, about)
    return 1 if any(row.is_met is False for row in rows) else 0


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)
