"""A refusal as Midtrans words it.

The Core API mostly answers 200 and puts the truth into `status_code`; Snap has the usual statuses
and a list of sentences.
"""

import uuid

from shop.local.simulator.errors import Json
from shop.local.simulator.routing import Response, json_response


class CoreError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    def response(self) -> Response:
        body: Json = {
            "status_code": str(self.code),
            "status_message": self.message,
            "id": str(uuid.uuid4()),
        }
        return json_response(401 if self.code == 401 else 200, body)


class PageError(Exception):
    def __init__(self, status: int, *messages: str) -> None:
        super().__init__(f"{status}: {'; '.join(messages)}")
        self.status = status
        self.messages = list(messages)

    def response(self) -> Response:
        return json_response(self.status, {"error_messages": self.messages})


def missing() -> CoreError:
    return CoreError(404, "Transaction doesn't exist.")


def unmodifiable() -> CoreError:
    return CoreError(412, "Merchant cannot modify the status of the transaction")
