"""What lies between a Jupyter and the course site: a relay on loopback that can be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum

CHUNK = 65536


class State(Enum):
    """What gets through."""

    WHOLE = "both ways"
    ONE_WAY = "requests arrive, answers are lost"
    CUT = "nothing, and nobody is told"


class Line:
    """As with a cable pulled out: while it is cut nothing is refused, it just never arrives."""

    def __init__(self, port: int) -> None:
        self.state = State.WHOLE
        self._far_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.lost = threading.Event()
        """Set once something did not get through."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @contextmanager
    def open(self) -> Iterator[Line]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()
            self._hang_up()

    def break_(self, state: State) -> None:
        self.lost.clear()
        self.state = state

    def mend(self) -> None:
        """Connections of before are gone, as when a computer wakes in another network."""
        self.state = State.WHOLE
        self._hang_up()

    def _hang_up(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._far_port))
            self._ends += [near, far]
            for source, target, is_answer in ((near, far, False), (far, near, True)):
                pump = threading.Thread(
                    target=self._pump, args=(source, target, is_answer), daemon=True
                )
                pump.start()

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                if self.state is State.CUT or (is_answer and self.state is State.ONE_WAY):
                    self.lost.set()
                    continue
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
