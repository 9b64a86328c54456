"""The process: two APIs in front, a mode that a developer sets behind."""

import json
import logging
import re
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from .biteship import Biteship
from .errors import ApiError, Json
from .parcels import Parcels, Receiver
from .rajaongkir import RajaOngkir
from .routing import Request, Response, json_response

log = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024
TRACKING = re.compile(r"/v1/trackings/([^/]+)/couriers/([^/]+)")
MODES = ("well", "slow", "error", "garbage", "empty", "broke", "busy")


@dataclass(frozen=True, slots=True)
class Config:
    host: str
    port: int
    key: str = field(repr=False)
    receiver: Receiver | None = None


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"
    server_version = "courier-simulator"
    sys_version = ""
    timeout = 60
    wbufsize = 65536  # head and body in one segment; unbuffered, Nagle holds back the second

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers.get("content-length", "0").strip()
        if not length.isascii() or not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._write(json_response(413, {"success": False, "error": "content-length"}))
            return
        body = self.rfile.read(int(length))
        request = Request(self.command, path, query, self.headers, body)
        response = self.server.simulator.respond(request)
        if response is None:
            self.close_connection = True
            return
        self._write(response)
        log.info("request", extra={"path": path, "status": response.status})

    def _write(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Silenced: `_answer` logs one line per request."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, address: tuple[str, int], simulator: "CourierSimulator") -> None:
        self.simulator = simulator
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Mostly a client that had enough of waiting."""
        log.info("connection-lost")


class CourierSimulator:
    """Both APIs behind one key. `mode` may change at any time; `asked` counts calls by path."""

    def __init__(self, config: Config) -> None:
        self._parcels = Parcels(config.receiver)
        self._biteship = Biteship(key=config.key, parcels=self._parcels)
        self._rajaongkir = RajaOngkir(key=config.key, parcels=self._parcels)
        self._released = threading.Event()
        self._counting = threading.Lock()
        self.mode = "well"
        self.asked: dict[str, int] = {}
        self.http = Server((config.host, config.port), self)
        self.url = f"http://{config.host}:{self.http.server_address[1]}"

    def start(self) -> None:
        serve = partial(self.http.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, name="couriers").start()

    def stop(self) -> None:
        self._released.set()
        self.http.shutdown()
        self.http.server_close()

    def respond(self, request: Request) -> Response | None:
        """None: nothing is ever answered."""
        if request.path.startswith("/_sim/"):
            return self._control(request)
        with self._counting:
            self.asked[request.path] = self.asked.get(request.path, 0) + 1
        is_biteship = request.path.startswith("/v1/")
        try:
            return self._in_mode(request, is_biteship=is_biteship)
        except ApiError as error:
            body = error.as_biteship() if is_biteship else error.as_rajaongkir()
            return json_response(error.status, body)

    def _in_mode(self, request: Request, *, is_biteship: bool) -> Response | None:
        match self.mode:
            case "slow":
                self._released.wait(30)
                return None
            case "error":
                raise ApiError(500, "Internal server error", 50000000)
            case "garbage":
                return Response(200, b"<html>Just a moment...</html>")
            case "busy":
                raise ApiError(429, "Daily limit exceeded")
            case "broke":
                message = "No sufficient balance to call rates API. Please top up your balance"
                raise ApiError(400 if is_biteship else 402, message, 40001000)
        answer = self._called(request)
        if self.mode == "empty":
            answer |= {"pricing": []} if is_biteship else {"data": []}
        return json_response(200, answer)

    def _called(self, request: Request) -> Json:
        match request.method, request.path:
            case "POST", "/v1/rates/couriers":
                self._biteship.authenticate(request)
                return self._biteship.rates(request)
            case "GET", "/api/v1/destination/domestic-destination":
                self._rajaongkir.authenticate(request)
                return self._rajaongkir.search(request)
            case "POST", "/api/v1/calculate/domestic-cost":
                self._rajaongkir.authenticate(request)
                return self._rajaongkir.cost(request)
            case "POST", "/api/v1/track/waybill":
                self._rajaongkir.authenticate(request)
                return self._rajaongkir.track(request)
        tracked = TRACKING.fullmatch(request.path)
        if tracked and request.method == "GET":
            self._biteship.authenticate(request)
            return self._biteship.tracking(unquote(tracked[1]), unquote(tracked[2]))
        raise ApiError(404, "no such address")

    def _control(self, request: Request) -> Response:
        if request.method == "POST" and request.path == "/_sim/parcels":
            try:
                return json_response(200, self._parcels.move(request.body))
            except ApiError as error:
                return json_response(error.status, {"error": error.message})
        if request.method == "POST" and request.path == "/_sim/mode":
            try:
                mode = json.loads(request.body)["mode"]
            except (ValueError, KeyError, TypeError):
                mode = None
            if mode not in MODES:
                return json_response(400, {"error": f"mode is one of {', '.join(MODES)}"})
            self.mode = mode
        return json_response(200, {"mode": self.mode, "asked": self.asked})
