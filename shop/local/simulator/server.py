"""The process: HTTP in front, store, ticker and webhooks behind."""

import logging
import os
import re
import socket
import struct
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .clock import Now, utc_now
from .config import Config
from .database import Database
from .errors import ApiError
from .midtrans.gateway import Midtrans
from .movable_clock import MovableClock
from .routing import Ending, Request, Response, error_response
from .ticker import Ticker
from .xendit import Xendit

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024
STOP_GRACE = 2.0  # seconds for webhooks under way; what is cut off goes out after the next start


class Handler(BaseHTTPRequestHandler):
    """Reads one request, asks `Simulator.respond`, writes one response; keeps the connection."""

    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "xendit-simulator"
    sys_version = ""
    timeout = 60  # seconds an idle connection is kept
    wbufsize = 65536  # head and body in one segment; unbuffered, Nagle holds back the second

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        began = time.monotonic()
        path, _, query = self.path.partition("?")
        try:
            request = Request(self.command, path, query, self.headers, self._read_body())
            response = self.server.simulator.respond(request)
        except ApiError as error:
            # The body was not read, so the connection is of no further use.
            self.close_connection = True
            response = error_response(error)
        if response.delay:
            # A simulator that is told to stop does not keep anybody waiting.
            self.server.simulator.stopping.wait(response.delay)
        self._finish(response)
        elapsed = round((time.monotonic() - began) * 1000, 1)
        facts = {"method": self.command, "path": path, "status": response.status, "ms": elapsed}
        log.info("request", extra=facts)

    def _read_body(self) -> bytes:
        if self.headers.get("transfer-encoding"):
            raise ApiError(411, "API_VALIDATION_ERROR", "send the body with a content-length")
        length = self.headers.get("content-length", "0").strip()
        if not re.fullmatch(r"[0-9]{1,12}", length):
            raise ApiError(400, "API_VALIDATION_ERROR", "content-length is not a number")
        if int(length) > LARGEST_BODY:
            raise ApiError(413, "API_VALIDATION_ERROR", f"a body has at most {LARGEST_BODY} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ApiError(400, "API_VALIDATION_ERROR", "the body is shorter than announced")
        return body

    def _finish(self, response: Response) -> None:
        match response.ending:
            case Ending.ANSWER:
                self._write(response)
            case Ending.HANG_UP:
                self.close_connection = True
            case Ending.RESET:
                self.close_connection = True
                # Closed with nothing lingering, TCP says reset instead of goodbye.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(self.connection.detach())

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if "Cache-Control" not in response.headers:
            self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself refuses (broken request line, unknown method), as JSON too."""
        self.close_connection = True
        log.info("refused", extra={"status": code})
        self._write(
            error_response(ApiError(code, "API_VALIDATION_ERROR", message or "bad request"))
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Silenced: `_answer` logs one line per request, without the query."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, address: tuple[str, int], simulator: "Simulator") -> None:
        self.simulator = simulator
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Mostly a client that hung up mid-request: one line, no traceback."""
        log.info("connection-lost", extra={"error": repr(sys.exception())})


class Simulator:
    """`start` returns at once, `stop` when all is at rest. Port 0 takes a free one."""

    def __init__(self, config: Config, *, now: Now = utc_now) -> None:
        self.stopping = threading.Event()
        self.database = Database(config.data)
        self.http = Server((config.host, config.port), self)
        host = f"[{config.host}]" if ":" in config.host else config.host
        self.url = config.public_url or f"http://{host}:{self.http.server_address[1]}"
        clock = MovableClock(self.database, now)
        self.xendit = Xendit(
            config,
            self.database,
            url=self.url,
            clock=clock,
            wake=self.wake,
            run_due=self.run_due,
        )
        self.midtrans = self._midtrans(config, clock)
        others = [self.midtrans] if self.midtrans else []
        self.jobs = (*(job for other in others for job in other.jobs), *self.xendit.jobs)
        self.ticker = Ticker(*self.jobs, now=clock)
        self._rooms = (*(room for other in others for room in other.rooms), *self.xendit.rooms)

    def _midtrans(self, config: Config, now: Now) -> Midtrans | None:
        if config.midtrans is None:
            return None
        return Midtrans(
            config.midtrans,
            self.database,
            self.xendit.troubles,
            self.xendit.faults,
            url=self.url,
            now=now,
            wake=self.wake,
        )

    def wake(self) -> None:
        self.ticker.wake()

    def run_due(self) -> None:
        """What the clock demands now, without waiting for the ticker."""
        for job in self.jobs:
            job()

    def respond(self, request: Request) -> Response:
        """Every request passes here, and what it changed is committed when this returns.

        The first room whose prefix fits answers; the pages, at the end, take what is left.
        """
        room = next(room for room in self._rooms if request.path.startswith(room.prefixes))
        try:
            return room.respond(request)
        except ApiError as error:
            return error_response(error)
        except Exception:
            log.exception("request-failed", extra={"path": request.path})
            return error_response(
                ApiError(500, "SERVER_ERROR", "the simulator failed; see its log")
            )

    def start(self) -> None:
        self.xendit.start(self.ticker)
        if self.midtrans:
            self.midtrans.start(self.ticker)
        self.ticker.start()
        serve = partial(self.http.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, name="http").start()

    def stop(self) -> None:
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
        self.ticker.stop()
        self.xendit.webhooks.wait_until_idle(STOP_GRACE)
        if self.midtrans:
            self.midtrans.notifications.wait_until_idle(STOP_GRACE)
        self.database.close()
