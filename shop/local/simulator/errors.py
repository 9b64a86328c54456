"""A refusal as Xendit words it: an HTTP status, a code to match on, a sentence to read."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    def __init__(
        self, status: int, code: str, message: str, errors: list[Json] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors or []

    def as_json(self) -> Json:
        body: Json = {"error_code": self.code, "message": self.message}
        return body | {"errors": self.errors} if self.errors else body


def not_found(what: str) -> ApiError:
    return ApiError(404, "DATA_NOT_FOUND", f"{what} not found")
