"""A request, a response, and which function turns the one into the other."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from .errors import ApiError, Json


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    def argument(self, name: str) -> str:
        """From the query; empty when absent. A name with [] is how v2 clients send lists."""
        values = parse_qs(self.query)
        return (values.get(name) or values.get(f"{name}[]") or [""])[0].strip()

    def arguments(self, name: str) -> list[str]:
        """All of them: repeated, or parted by commas."""
        values = parse_qs(self.query)
        given = [*values.get(name, []), *values.get(f"{name}[]", [])]
        return [word for value in given for part in value.split(",") if (word := part.strip())]

    def limit(self, *, default: int, most: int = 1000) -> int:
        text = self.argument("limit") or str(default)
        if re.fullmatch(r"[0-9]{1,4}", text) and 1 <= int(text) <= most:
            return int(text)
        raise ApiError(400, "API_VALIDATION_ERROR", f"limit must be between 1 and {most}")

    def form(self) -> dict[str, str]:
        """The fields of a form; of a name that comes twice, the last."""
        try:
            pairs = parse_qsl(self.body.decode(), keep_blank_values=True, max_num_fields=100)
        except ValueError:
            raise ApiError(400, "API_VALIDATION_ERROR", "body is not a form") from None
        return {name: value.strip() for name, value in pairs}

    def json(self) -> Json:
        """Raises ApiError for anything but one JSON object of encodable text."""
        try:
            value: Any = json.loads(self.body, parse_constant=_no_constant)
            # A lone surrogate is valid JSON and can be neither stored nor sent.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise ApiError(400, "API_VALIDATION_ERROR", "body is not valid JSON") from None
        if not isinstance(value, dict):
            raise ApiError(400, "API_VALIDATION_ERROR", "body must be a JSON object")
        return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Ending(StrEnum):
    ANSWER = "answer"
    HANG_UP = "hang up"  # the connection ends without an answer
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Response:
    """`delay` in seconds before anything is sent."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    ending: Ending = Ending.ANSWER


def json_response(status: int, value: Json) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def error_response(error: ApiError) -> Response:
    return json_response(error.status, error.as_json())


def redirect(location: str) -> Response:
    return Response(303, b"", {"Location": location})


View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """The pattern's named groups are handed to the view as keyword arguments.

    `kind` is what faults are armed for: create, get, list, cancel, refund, session, update.
    """

    method: str
    pattern: str
    view: View
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """Who answers all addresses that begin with one of the prefixes."""

    prefixes: tuple[str, ...]
    respond: View


def dispatch(routes: Sequence[Route], request: Request) -> Response:
    _, answer = found(routes, request)
    return answer()


def found(routes: Sequence[Route], request: Request) -> tuple[Route, Callable[[], Response]]:
    """The route of a request, and the call that answers it. Raises ApiError where there is none."""
    is_known = False
    for route in routes:
        match = re.fullmatch(route.pattern, request.path)
        if match and route.method == request.method:
            return route, partial(route.view, request, **match.groupdict())
        is_known = is_known or match is not None
    if is_known:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here")
    raise ApiError(404, "NOT_FOUND", "the simulator has no such address")
