"""How a request goes out and what comes back: tokens, problems, pages. One object for each user."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

Page = TypeVar("Page", bound=Mapping[str, object])
SECONDS = 20.0


class Problem(Exception):
    """What the shop refused: decide by `code`, show `detail`.

    `errors` has codes and messages by the path of a field; `facts` is the whole answer, such as
    the new `total` with `price_changed`. `retry_after` is in seconds, where the shop says it.
    """

    def __init__(self, response: httpx.Response) -> None:
        is_told = response.headers.get("Content-Type", "").startswith("application/problem+json")
        self.facts: dict[str, Any] = response.json() if is_told else {}
        self.status = response.status_code
        self.code = str(self.facts.get("code", "no_answer"))
        self.detail = str(self.facts.get("detail", response.reason_phrase))
        self.errors: dict[str, list[dict[str, str]]] = self.facts.get("errors", {})
        waits = response.headers.get("Retry-After", "")
        self.retry_after = int(waits) if waits.isdigit() else None
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class Transport:
    """`tokens` is what `sign_in` answered, perhaps long ago; `keep_tokens` is given each new
    answer before it is used, and None when the sign-in is over. Safe for several threads.

    Nothing is sent twice by itself, except once after the tokens were renewed: whether to ask
    again after a time-out is the app's to decide, with the same idempotency key.
    """

    def __init__(
        self,
        url: str,
        *,
        language: str = "id",
        tokens: Mapping[str, Any] | None = None,
        keep_tokens: Callable[[Mapping[str, Any] | None], None] = lambda tokens: None,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.language = language
        self.tokens = tokens
        self._keep_tokens = keep_tokens
        self._http = http or httpx.Client(timeout=SECONDS)
        self._renewing = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def following(self, page: Page) -> Page | None:
        """The page behind this one; None behind the last."""
        address = page["next"]
        if address is None:
            return None
        # The bearer token goes to the shop and to nobody else.
        if not str(address).startswith(f"{self.url}/"):
            raise ValueError(f"{address} is not below {self.url}")
        following: Page = self._read(self._sent(httpx.Request("GET", str(address))))
        return following

    def call(
        self,
        method: str,
        path: str,
        *,
        at: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: object = None,
        file: tuple[str, str, bytes] | None = None,
        as_guest: bool = False,
    ) -> Any:
        """The answer: JSON, bytes of a file, or None. Raises Problem, httpx.TransportError."""
        for name, value in (at or {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        request = httpx.Request(
            method,
            self.url + path,
            params=[(name, _text(one)) for name, one in _each(query or {})],
            headers={name: str(value) for name, value in _each(headers or {})},
            json=body,
            files={file[0]: file[1:]} if file else None,
        )
        return self._read(self._sent(request, as_guest=as_guest))

    def _sent(self, request: httpx.Request, *, as_guest: bool = False) -> httpx.Response:
        request.headers["Accept-Language"] = self.language
        tokens = None if as_guest else self.tokens
        if tokens is None:
            return self._http.send(request)
        response = self._http.send(_signed(request, tokens))
        if response.status_code != 401 or Problem(response).code != "invalid_token":
            return response
        return self._http.send(_signed(request, self._renewed(tokens)))

    def _renewed(self, used: Mapping[str, Any]) -> Mapping[str, Any]:
        """One exchange however many have found the token too old. Raises Problem."""
        with self._renewing:
            if self.tokens is None or self.tokens is used:
                refresh = {"refresh_token": used["refresh_token"]}
                try:
                    new = self.call("POST", "/auth/refresh", body=refresh, as_guest=True)
                except Problem as problem:
                    if problem.code == "invalid_refresh_token":
                        self._keep(None)
                    raise
                self._keep(new)
            return self.tokens or used

    def _keep(self, tokens: Mapping[str, Any] | None) -> None:
        self._keep_tokens(tokens)
        self.tokens = tokens

    def _read(self, response: httpx.Response) -> Any:
        if not response.is_success:
            raise Problem(response)
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response.json()
        return response.content or None


def _signed(request: httpx.Request, tokens: Mapping[str, Any]) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return request


def _each(values: Mapping[str, object]) -> list[tuple[str, object]]:
    """A list is its values one by one; None is left out."""
    return [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
