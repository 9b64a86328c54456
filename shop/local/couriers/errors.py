"""A refusal, as either API would word it."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """`code` is Biteship's number; RajaOngkir has none but the HTTP status."""

    def __init__(self, status: int, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code

    def as_biteship(self) -> Json:
        return {"success": False, "error": self.message, "code": self.code}

    def as_rajaongkir(self) -> Json:
        return {
            "meta": {"message": self.message, "code": self.status, "status": "error"},
            "data": None,
        }
