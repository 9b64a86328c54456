"""A mailbox that speaks the SES v2 API and keeps what the shop sends as .eml files.

Follows https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html for raw messages,
the only kind that django-ses sends.
"""

import argparse
import base64
import binascii
import json
import os
import sys
import time
import uuid
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# SES refuses more than 40 MB after encoding.
_MAX_BYTES = 40_000_000
_ACCOUNT = {
    "SendingEnabled": True,
    "ProductionAccessEnabled": True,
    "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 1000.0, "SentLast24Hours": 0.0},
}


class Refused(Exception):
    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def store(directory: Path, message: bytes) -> str:
    """Write one message so that a reader sees all of it or nothing; names sort by arrival."""
    message_id = uuid.uuid4().hex
    fresh = directory / f".{message_id}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(message)
    fresh.rename(directory / f"{time.time_ns()}-{message_id}.eml")
    return message_id


class Mailbox(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        self.directory = directory
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Mailbox
    protocol_version = "HTTP/1.1"
    # Head and body leave together: without this each answer waits for a delayed acknowledgement.
    wbufsize = -1
    timeout = 60

    def do_GET(self) -> None:
        if self.path == "/v2/email/account":
            self._answer(HTTPStatus.OK, _ACCOUNT)
        else:
            self._refuse(Refused(HTTPStatus.NOT_FOUND, "NotFoundException", self.path))

    def do_POST(self) -> None:
        try:
            body = self._body()
            if self.path != "/v2/email/outbound-emails":
                raise Refused(HTTPStatus.NOT_FOUND, "NotFoundException", self.path)
            message_id = store(self.server.directory, _raw_message(body))
        except Refused as refusal:
            self._refuse(refusal)
        else:
            self._answer(HTTPStatus.OK, {"MessageId": message_id})

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BYTES:
            self.close_connection = True
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "MessageRejected", "too large")
        return self.rfile.read(length)

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            if len(body) + size > _MAX_BYTES:
                self.close_connection = True
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "MessageRejected", "too large")
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return bytes(body)

    def _refuse(self, refusal: Refused) -> None:
        self._answer(refusal.status, {"message": str(refusal)}, error=refusal.code)

    def _answer(self, status: HTTPStatus, content: dict[str, Any], error: str = "") -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)


def _raw_message(body: bytes) -> bytes:
    try:
        return base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "BadRequestException", "only raw messages are understood"
        ) from error


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shop.local.mailbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    with Mailbox((options.host, options.port), options.dir) as server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
