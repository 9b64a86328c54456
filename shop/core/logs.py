"""Structured logs: one JSON object a line, with the request's id and without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_NAMES = re.compile(
    r"(?i)(password|secret|token|authorization|cookie|api[_-]?key|csrf|phone|email)"
)
# A bearer or basic credential, or one of the gateway's keys, wherever it turns up in a text.
SECRET_TEXT = re.compile(r"(?i)\b((?:bearer|basic)\s+\S+|xnd_[a-z]+_\w+)")
# Error texts of others name people: SES the address, PostgreSQL the whole row.
PERSONAL_TEXT = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\+62\d{8,13}")
# The secrets of an order, a cart, a wishlist, an alert, a claim and an account's link are parts of
# paths.
SECRET_PATHS = re.compile(
    r"(/(?:orders|pay|carts|wishlists|alerts|claims|links|invitations)/)(?=[\w-]{20,})[\w:-]+"
)
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Blank what must never be in a log, by the name of the field and by the look of the text."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: str, value: object) -> object:
    """Whatever is neither text nor number becomes its text here: Django logs the request itself."""
    if SECRET_NAMES.search(key):
        return "[redacted]"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _redacted(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(key, each) for each in value]
    return redact_text(str(value))


def redact_text(text: str) -> str:
    return SECRET_PATHS.sub(
        r"\1[redacted]", PERSONAL_TEXT.sub("[redacted]", SECRET_TEXT.sub("[redacted]", text))
    )


def _extras(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """`logger.info("x", extra={…})` of the standard library becomes fields."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event.update({k: v for k, v in vars(record).items() if k not in STANDARD})
    return event


def configure(options: Mapping[str, Any]) -> None:
    """Called by Django once, in place of `logging.config.dictConfig`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _extras],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.stdlib.PositionalArgumentsFormatter(),
            redact,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options.get("level", "INFO"))
    # Its own line per request is ours; its errors still come through.
    logging.getLogger("django.server").handlers.clear()
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3", "kombu", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
