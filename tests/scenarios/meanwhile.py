"""A gateway between us and the gateway: before one answer reaches us, something else happens."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from django.db import connection

HOP = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}


class Proxy(ThreadingHTTPServer):
    def __init__(self, gateway: str, call: str, happens: Callable[[], None]) -> None:
        super().__init__(("127.0.0.1", 0), _PassesOn)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.gateway, self.call = gateway, call
        self.waiting = [happens]
        self.failures: list[BaseException] = []

    def let_happen(self) -> None:
        try:
            self.waiting.pop()()
        except BaseException as failure:  # noqa: BLE001 - handed to the test, which judges it
            self.failures.append(failure)
        finally:
            connection.close()


class _PassesOn(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        proxy = self.server
        answer = httpx.request(
            self.command,
            proxy.gateway + self.path,
            content=self.rfile.read(int(self.headers.get("content-length") or 0)),
            headers={k: v for k, v in self.headers.items() if k.lower() not in HOP},
            trust_env=False,
        )
        if proxy.waiting and proxy.call == f"{self.command} {self.path}":
            proxy.let_happen()
        self.send_response(answer.status_code)
        self.send_header("content-type", answer.headers.get("content-type", ""))
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


@contextmanager
def meanwhile(gateway: str, call: str, happens: Callable[[], None]) -> Iterator[Proxy]:
    """Passes everything on. The first answer to `call`, "POST /path", waits for what happens.

    Whatever fails in there fails in the test.
    """
    proxy = Proxy(gateway, call, happens)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
    for failure in proxy.failures:
        raise failure
    assert not proxy.waiting, f"nobody has asked for {call}"
