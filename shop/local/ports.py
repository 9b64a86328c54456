"""Which ports the local shop listens on."""

import json
import socket
from collections.abc import Iterable
from pathlib import Path

from shop.local.places import write_private

# By port; kept open for as long as this process lives.
_RESERVED: dict[int, socket.socket] = {}

PREFERRED = {
    "web": 8000,
    "simulator": 8001,
    "mailbox": 8002,
    "couriers": 8003,
    "postgres": 5433,
    "valkey": 6380,
}


def choose(remembered: Path) -> tuple[dict[str, int], list[str]]:
    """The port of each role, and a sentence for each that had to move.

    The ports of the last run come first, so that addresses stay the same from run to run.
    """
    wanted = PREFERRED | _last_run(remembered)
    chosen: dict[str, int] = {}
    moved = []
    for name, port in wanted.items():
        chosen[name] = _free_port(port, taken=chosen.values())
        if chosen[name] != port:
            moved.append(f"port {port} ({name}) is in use, taking {chosen[name]}")
    write_private(remembered, json.dumps(chosen))
    return chosen, moved


def _last_run(remembered: Path) -> dict[str, int]:
    try:
        ports = json.loads(remembered.read_text())
    except (OSError, ValueError):
        return {}
    return {name: port for name, port in ports.items() if name in PREFERRED}


def _free_port(first: int, *, taken: Iterable[int]) -> int:
    # Neither a port that another role already has, nor one that another role would like.
    avoided = {*taken, *(set(PREFERRED.values()) - {first})}
    candidates = (port for port in range(first, first + 100) if port not in avoided)
    return (
        next((port for port in candidates if is_free(port) and _reserve(port)), None) or any_free()
    )


def _reserve(port: int) -> bool:
    """Keep another shop that is starting now from taking the port before anything listens on it.

    The name lies in the kernel's abstract namespace: it is no file and ends with this process.
    """
    if port in _RESERVED:
        return True
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0etalase-port-{port}")
    except OSError:
        mark.close()
        return False
    _RESERVED[port] = mark
    return True


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that is only lingering does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
