"""An HTTP server that does to a client what a gateway on a bad day does."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Trickled pieces, 20 ms apart: longer than any test allows, short enough to fail instead of hang.
LONG = 300

# What to do with one connection whose request has been read.
Behaviour = Callable[[socket.socket, threading.Event], None]


class Misbehaving:
    """Each request meets the next behaviour; the last one stays. A request is kept as its bytes."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self._threads = [threading.Thread(target=self._accept, name="misbehaving")]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._released.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            request = _read_request(connection)
            self.requests.append(request)
            behaviour = self._behaviours[0]
            if len(self._behaviours) > 1:
                self._behaviours.pop(0)
            try:
                behaviour(connection, self._released)
            except ConnectionError:
                return  # the client had enough

    def close(self) -> None:
        self._released.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()


@contextmanager
def misbehaving(*behaviours: Behaviour) -> Iterator[Misbehaving]:
    server = Misbehaving(*behaviours)
    try:
        yield server
    finally:
        server.close()


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.splitlines()
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _response(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answers(status: int, body: object | bytes, headers: dict[str, str] | None = None) -> Behaviour:
    """A complete response; anything but bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(connection: socket.socket, _released: threading.Event) -> None:
        connection.sendall(_response(status, raw, headers or {}))

    return behave


def hangs(connection: socket.socket, released: threading.Event) -> None:
    released.wait()


def hangs_up(connection: socket.socket, released: threading.Event) -> None:
    """Reads the request and closes without a word: the work may be done or not."""


def trickles_head(connection: socket.socket, released: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(LONG):
        connection.sendall(f"X-{number}: 1\r\n".encode())
        if released.wait(0.02):
            return


def trickles_body(connection: socket.socket, released: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(LONG):
        connection.sendall(b" ")
        if released.wait(0.02):
            return


def cuts_off(connection: socket.socket, released: threading.Event) -> None:
    connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{"payment_req')


def speaks_no_http(connection: socket.socket, released: threading.Event) -> None:
    connection.sendall(b"\x00\x01\x02 220 smtp ready\r\n\r\n")


def never_ends(connection: socket.socket, released: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not released.is_set():
        connection.sendall(b" " * 65536)
