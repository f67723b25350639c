"""Free ports of loopback that stay free."""

from __future__ import annotations

import random
import socket

#: Below those that the system itself gives to connections: none of them is taken between a broker's end and its next
#: start, however many connections other tests make meanwhile.
FIRST, LAST = 10_000, 32_000


def free_port() -> int:
    """Find a port that nobody listens on."""
    while True:
        port = random.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
