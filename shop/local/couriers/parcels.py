"""Parcels that somebody has moved with `POST /_sim/parcels`, and the webhook that tells of it."""

import json
import logging
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from .errors import ApiError, Json

log = logging.getLogger(__name__)
JAKARTA = timezone(timedelta(hours=7))
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where webhooks go, and what proves whom they are from."""

    url: str
    header: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Move:
    word: str
    at: datetime


class Parcels:
    """Threads may share one."""

    def __init__(self, receiver: Receiver | None) -> None:
        self._receiver = receiver
        self._lock = threading.Lock()
        self._moves: dict[tuple[str, str], list[Move]] = {}

    def move(self, body: bytes) -> Json:
        """Put a parcel into a state, and tell the shop. Raises ApiError."""
        try:
            given = json.loads(body)
            courier, number, word = (given[name] for name in ("courier", "number", "status"))
        except (ValueError, KeyError, TypeError):
            raise ApiError(400, "courier, number and status are required") from None
        if not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in given.values()):
            raise ApiError(400, "courier, number and status are short texts")
        made = Move(word, datetime.now(UTC).astimezone(JAKARTA).replace(microsecond=0))
        with self._lock:
            self._moves.setdefault((courier.lower(), number.upper()), []).append(made)
        return {"webhook": self._tell(courier.lower(), number.upper(), made)}

    def history(self, courier: str, number: str) -> list[Move]:
        with self._lock:
            return list(self._moves.get((courier.lower(), number.upper()), []))

    def _tell(self, courier: str, number: str, made: Move) -> int | None:
        """The shop's answer; None where nobody is to be told, or nobody is there."""
        if self._receiver is None:
            return None
        body = {
            "event": "order.status",
            "order_id": f"sim-{number}",
            "order_price": 9_000,
            "courier_tracking_id": f"sim-{courier}-{number}",
            "courier_waybill_id": number,
            "courier_company": courier,
            "courier_type": "reg",
            "courier_driver_name": "",
            "courier_driver_phone": "",
            "courier_driver_photo_url": "",
            "courier_driver_plate_number": "",
            "courier_link": "",
            "status": made.word,
        }
        request = urllib.request.Request(  # noqa: S310 - the address is the developer's own
            self._receiver.url,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", self._receiver.header: self._receiver.secret},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError as error:
            log.info("webhook-lost: %s", error)
            return None
