"""A request and a response."""

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: Message
    body: bytes

    def argument(self, name: str) -> str:
        return (parse_qs(self.query).get(name) or [""])[0].strip()


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes


def json_response(status: int, value: Any) -> Response:
    return Response(status, json.dumps(value).encode())
