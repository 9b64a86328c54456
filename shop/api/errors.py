"""Every error is RFC 9457 `application/problem+json` with a `code` that never changes."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request

from shop.core.errors import DomainError
from shop.core.middleware import problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNKNOWN_FIELD = "unknown_field"
# A client that is told to wait is always told for how long.
WAIT_SECONDS = {429: 60, 503: 2}
Problem = dict[str, object]


class IdempotencyKeyMissing(DomainError):
    code = "idempotency_key_missing"
    status = 400
    message = _("Send an Idempotency-Key header, new for every order and the same for a repeat.")


class IdempotencyKeyInvalid(DomainError):
    code = "idempotency_key_invalid"
    status = 400
    message = _("Use a UUID as the Idempotency-Key: at most 255 visible ASCII characters.")


class InvalidCursor(DomainError):
    code = "invalid_cursor"
    status = 400
    message = _("This cursor belongs to another list. Start again without one.")


class SignInRequired(DomainError):
    code = "sign_in_required"
    status = 401
    message = _("Please sign in first.")


class BodyTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = _("The request is too large.")


class NotWellFormed(exceptions.ParseError):
    default_detail = _("The body is not well-formed JSON in UTF-8.")


class Unavailable(exceptions.APIException):
    """The database is busy or away: the same request may well succeed in a moment."""

    status_code = 503
    default_code = "unavailable"
    default_detail = _("The shop is very busy. Please try again in a moment.")


def problem_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """What the REST framework calls with whatever a view raised."""
    if isinstance(error, exceptions.NotAuthenticated):
        error = SignInRequired()
    if isinstance(error, DomainError):
        return problem_response(problem(error), retry_after=getattr(error, "retry_after", None))
    if isinstance(error, OperationalError):
        log.error("database_unavailable", exc_info=error)
        error = Unavailable()
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        return problem_response(_invalid(error))
    if isinstance(error, exceptions.APIException):
        return problem_response(_refused(error), retry_after=getattr(error, "wait", None))
    log.error("unhandled", exc_info=error)
    request: Request = context["request"]
    return server_error_problem(request._request)


def server_error_problem(request: HttpRequest) -> HttpResponse:
    """Something broke: nothing of it is told but the id under which the log knows it."""
    body = _problem(500, "server_error", str(_("Something broke on our side. It is being logged.")))
    return problem_response(body | {"request_id": request.META.get("REQUEST_ID", "")})


def problem_response(body: Problem, *, retry_after: float | None = None) -> HttpResponse:
    status = int(str(body["status"]))
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        # RFC 6750: a reason only where a token was given.
        reason = "" if body["code"] == SignInRequired.code else ' error="invalid_token"'
        response.headers["WWW-Authenticate"] = f"Bearer{reason}"
    seconds = WAIT_SECONDS.get(status) if retry_after is None else retry_after
    if seconds is not None:
        # Rounded up: whoever comes back a moment too early is refused again.
        response.headers["Retry-After"] = str(-int(-seconds // 1))
    return response


def _problem(status: int, code: str, detail: str) -> Problem:
    return {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }


def _refused(error: exceptions.APIException) -> Problem:
    return _problem(error.status_code, error.default_code, str(error.detail))


def _invalid(error: exceptions.ValidationError) -> Problem:
    """`errors` by the path of the field, such as `address.postal_code` or `shipping.0.group`."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, detail in _flattened(error.detail, ""):
        found.setdefault(path, []).append({"code": str(detail.code), "message": str(detail)})
    unknown = [
        path for path, each in found.items() if any(one["code"] == UNKNOWN_FIELD for one in each)
    ]
    if unknown:
        text = _("This field is unknown here: {name}").format(name=", ".join(unknown))
        return _problem(400, UNKNOWN_FIELD, text) | {"errors": found}
    return _problem(400, "validation_error", str(_("Some fields are not valid."))) | {
        "errors": found
    }


def _flattened(detail: Any, path: str) -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            yield from _flattened(below, _joined(path, str(name)))
        return
    for position, below in enumerate(detail):
        if isinstance(below, exceptions.ErrorDetail):
            yield path, below
        else:
            yield from _flattened(below, _joined(path, str(position)))


def _joined(path: str, name: str) -> str:
    if name == "non_field_errors":
        return path
    return f"{path}.{name}" if path else name
