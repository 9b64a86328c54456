"""`python -m shop.local.simulator --data .local/simulator.sqlite3 --webhook-url http://127.0.0.1:8000/webhooks/xendit/`

The secrets are those of the shop: XENDIT_SECRET_KEY, and the first of XENDIT_CALLBACK_TOKENS; for
Midtrans the first of MIDTRANS_SERVER_KEYS.
"""

import argparse
import logging
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from .chaos import read_spec
from .config import Config
from .logs import configure
from .midtrans.notifications import MidtransConfig
from .server import Simulator
from .webhooks import Receiver

log = logging.getLogger(__name__)


def parse(arguments: list[str]) -> Config:
    parser = argparse.ArgumentParser(prog="shop.local.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data", type=Path, required=True, help="SQLite file; made when missing")
    parser.add_argument("--webhook-url", required=True)
    parser.add_argument("--public-url", default="", help="when browsers reach it elsewhere")
    parser.add_argument(
        "--retry-scale",
        type=float,
        default=float(os.environ.get("SIMULATOR_RETRY_SCALE", "1")),
        help="multiplies the webhook schedule of 15 min to 24 h (SIMULATOR_RETRY_SCALE)",
    )
    parser.add_argument(
        "--refund-delay",
        type=float,
        default=float(os.environ.get("SIMULATOR_REFUND_DELAY", "2")),
        help="seconds until a refund succeeds by itself; 0: when told to (SIMULATOR_REFUND_DELAY)",
    )
    parser.add_argument(
        "--chaos",
        type=read_spec,
        metavar="SEED[:INTENSITY]",
        help="faults and webhook trouble at random; the same seed, the same trouble",
    )
    parser.add_argument("--midtrans-webhook-url", default="", help="plays Midtrans, too")
    given = parser.parse_args(arguments)
    secret_key = required("XENDIT_SECRET_KEY")
    if secret_key.startswith("xnd_production_"):
        raise SystemExit("XENDIT_SECRET_KEY is a live key: it has no business in a simulator")
    token = required("XENDIT_CALLBACK_TOKENS").split(",")[0].strip()
    if not given.webhook_url.startswith(("http://", "https://")):
        raise SystemExit("--webhook-url must be an http or https URL")
    return Config(
        host=given.host,
        port=given.port,
        data=given.data,
        secret_key=secret_key,
        receiver=Receiver(given.webhook_url, token, retry_scale=given.retry_scale),
        public_url=given.public_url.rstrip("/"),
        refund_delay=given.refund_delay,
        chaos=given.chaos,
        midtrans=midtrans(given.midtrans_webhook_url, retry_scale=given.retry_scale),
    )


def midtrans(webhook_url: str, *, retry_scale: float) -> MidtransConfig | None:
    if not webhook_url:
        return None
    server_key = required("MIDTRANS_SERVER_KEYS").split(",")[0].strip()
    if server_key.startswith("Mid-server-"):
        raise SystemExit("MIDTRANS_SERVER_KEYS is a live key: it has no business in a simulator")
    return MidtransConfig(server_key, webhook_url, retry_scale=retry_scale)


def required(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SystemExit(f"{name} is not set")
    return value


def main(arguments: list[str]) -> None:
    config = parse(arguments)
    configure(os.environ.get("LOG_LEVEL", "INFO"))
    try:
        simulator = Simulator(config)
    except (OSError, sqlite3.Error) as error:
        raise SystemExit(f"cannot start on {config.host}:{config.port}: {error}") from None
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    simulator.start()
    log.info("started", extra={"url": simulator.url, "data": str(config.data)})
    stopping.wait()
    simulator.stop()
    log.info("stopped")


if __name__ == "__main__":
    main(sys.argv[1:])
