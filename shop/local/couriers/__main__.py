"""`python -m shop.local.couriers --port 8003`, with the shop's COURIER_API_KEY in the environment.

Then COURIER_API_URL is its address for Biteship, and its address + /api/v1 for RajaOngkir.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading

from .parcels import Receiver
from .server import Config, CourierSimulator

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"process": "couriers", "event": record.getMessage()}
        facts = ("url", "path", "status")
        line |= {name: vars(record)[name] for name in facts if name in vars(record)}
        return json.dumps(line)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="shop.local.couriers", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--webhook-url", help="where to tell of parcels that are moved")
    given = parser.parse_args(arguments)
    key = os.environ.get("COURIER_API_KEY", "").strip()
    if not key:
        raise SystemExit("COURIER_API_KEY is not set")
    if key.startswith("biteship_live."):
        raise SystemExit("COURIER_API_KEY is a live key: it has no business in a simulator")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), handlers=[handler])
    try:
        simulator = CourierSimulator(
            Config(given.host, given.port, key, _receiver(given.webhook_url))
        )
    except OSError as error:
        raise SystemExit(f"cannot start on {given.host}:{given.port}: {error}") from None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    simulator.start()
    log.info("started", extra={"url": simulator.url})
    stopping.wait()
    simulator.stop()
    log.info("stopped")


def _receiver(url: str | None) -> Receiver | None:
    """The shop, with the first of its COURIER_WEBHOOK_SECRETS."""
    secret = os.environ.get("COURIER_WEBHOOK_SECRETS", "").partition(",")[0].strip()
    header = os.environ.get("COURIER_WEBHOOK_HEADER", "X-Biteship-Signature")
    return Receiver(url, header, secret) if url and secret else None


if __name__ == "__main__":
    main(sys.argv[1:])
