"""A publisher of its own process: an order per line in, the clock per line out."""

import asyncio
import json
import sys

import django

django.setup()

from .publishing import Order, publish  # noqa: E402 - models need the apps


async def main() -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        at = await publish(Order(**json.loads(line)))
        print(json.dumps({"at": at}), flush=True)


asyncio.run(main())
