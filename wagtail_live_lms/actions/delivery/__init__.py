"""Notices on their way to people who are not looking: what is to be sent, and the sending.

What is to be sent is written down in the transaction that tells a person something, so it is not
lost when the process is. It is sent after commit, and no failure of it reaches the writer.
"""

from .digest import send_digests
from .plan import plan_deliveries
from .web_push import send_pushes
from .worker import deliver_due, deliver_soon, worker

__all__ = [
    "deliver_due",
    "deliver_soon",
    "plan_deliveries",
    "send_digests",
    "send_pushes",
    "worker",
]
