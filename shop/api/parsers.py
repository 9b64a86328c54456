"""JSON as strictly as it is specified, so that nothing odd reaches the shop."""

import json
from collections.abc import Mapping
from typing import IO, Any, ClassVar, NoReturn

from rest_framework.parsers import BaseParser, MultiPartParser

from catalog.imaging import MAX_BYTES as LARGEST_PHOTO
from payments.models import LARGEST_PROOF
from shop.api.errors import BodyTooLarge, NotWellFormed

LARGEST_BODY = 64 * 1024


class StrictJsonParser(BaseParser):
    """Refuses NaN, nesting without end, numbers of thousands of digits and half characters."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body: bytes = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            data = json.loads(body.decode(), parse_constant=_refuse)
            # `\ud800` alone is valid JSON and no character: no database can keep it.
            json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise NotWellFormed from error
        return data


class FileParser(MultiPartParser):
    """One file of at most `largest` bytes, and its name; a larger body is not read to its end."""

    largest: ClassVar[int]

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        told = request.META.get("CONTENT_LENGTH") or "0"
        if not told.isdecimal() or int(told) > self.largest + LARGEST_BODY:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)


class PhotoParser(FileParser):
    largest = LARGEST_PHOTO


class ProofParser(FileParser):
    largest = LARGEST_PROOF


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
