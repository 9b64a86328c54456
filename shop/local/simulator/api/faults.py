"""The bad day of a gateway: what happens to a call on its way in or out."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from shop.local.simulator.clock import Now
from shop.local.simulator.errors import ApiError
from shop.local.simulator.history import History
from shop.local.simulator.routing import Ending, Request, Response, error_response, json_response
from shop.local.simulator.troubles import Trouble, Troubles

log = logging.getLogger(__name__)

Answer = Callable[[], Response]


class Faults:
    def __init__(self, troubles: Troubles, history: History, *, now: Now) -> None:
        self._troubles = troubles
        self._history = history
        self._now = now
        self._effects: dict[str, Callable[[Trouble, Answer], Response]] = {
            "timeout_before": lambda trouble, _: _silence(trouble.seconds),
            "timeout_after": lambda trouble, answer: _after(answer, _silence(trouble.seconds)),
            "error_after": lambda _, answer: _after(answer, SERVER_ERROR),
            "unavailable": lambda *_: UNAVAILABLE,
            "rate_limited": lambda trouble, _: rate_limited(60, trouble.seconds),
            "slow": lambda trouble, answer: replace(_settled(answer), delay=trouble.seconds),
            "garbage": lambda _, answer: _garbled(_settled(answer)),
            "reset_before": lambda *_: RESET,
            "reset_after": lambda _, answer: _after(answer, RESET),
            "lag": self._lagging,
        }

    def around(self, kind: str, request: Request, answer: Answer) -> Response:
        """The call is made, or not, or its answer is lost."""
        trouble = self._troubles.for_call(kind)
        if trouble is None:
            return answer()
        facts = {"method": request.method, "path": request.path, "mode": trouble.mode}
        log.info("fault", extra=facts | {"seconds": trouble.seconds})
        return self._effects[trouble.mode](trouble, answer)

    def _lagging(self, trouble: Trouble, answer: Answer) -> Response:
        response = _settled(answer)
        if response.status != 200:
            return response
        moment = self._now() - timedelta(seconds=trouble.seconds)
        document = json.loads(response.body)
        if isinstance(document.get("data"), list):
            rows = self._history.list_as_of(document["data"], moment)
            return json_response(200, document | {"data": rows})
        return json_response(200, self._history.as_of(document, moment))


def rate_limited(limit: int, seconds: float) -> Response:
    refusal = error_response(
        ApiError(429, "RATE_LIMIT_EXCEEDED", "You have exceeded the limit of requests")
    )
    headers = {
        "Rate-Limit-Limit": str(limit),
        "Rate-Limit-Remaining": "0",
        "Rate-Limit-Reset": f"{seconds:.3f}",
    }
    return replace(refusal, headers=refusal.headers | headers)


def _silence(seconds: float) -> Response:
    return Response(0, b"", delay=seconds, ending=Ending.HANG_UP)


def _settled(answer: Answer) -> Response:
    try:
        return answer()
    except ApiError as error:
        return error_response(error)


def _after(answer: Answer, told: Response) -> Response:
    """It was done, and the caller is not told so."""
    _settled(answer)
    return told


def _garbled(response: Response) -> Response:
    """Half a document, as from a proxy that gave up."""
    return replace(response, body=response.body[: max(len(response.body) // 2, 1)])


SERVER_ERROR = error_response(
    ApiError(500, "SERVER_ERROR", "An unexpected error occurred, our team has been notified")
)
UNAVAILABLE = error_response(
    ApiError(503, "CHANNEL_UNAVAILABLE", "The payment channel is currently experiencing trouble")
)
RESET = Response(0, b"", ending=Ending.RESET)
