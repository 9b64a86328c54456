"""A form that books stock and comes twice is booked once: its token is stored with what it did.

A double click, or a retry where the answer was lost on the way, gets the first answer again.
"""

import uuid
from collections.abc import Callable
from typing import TypeAlias

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.product_pages import user_of
from shop.core.errors import DomainError
from shop.core.idempotency import RequestKey, StillWorking, claim, finish, hash_request

TOKEN = "form_token"  # noqa: S105 - the name of a field

Notes: TypeAlias = list[tuple[int, str]]
"""What staff are told: the level of `django.contrib.messages`, and the text."""


class TokenMissing(DomainError):
    code = "form_token_missing"
    status = 422
    message = _("The page was too old to be booked. Look through it, then press the button again.")


def new_token() -> str:
    return uuid.uuid4().hex


def kept_token(request: HttpRequest, error: DomainError) -> str:
    """For the page after a refusal: its own token only while the first request still works."""
    return request.POST.get(TOKEN, "") if isinstance(error, StillWorking) else new_token()


@transaction.atomic
def do_once(request: HttpRequest, *, page: str, work: Callable[[], Notes]) -> Notes:
    """Do the work in a transaction, or give the notes of the first time that this form came.

    Raises TokenMissing, KeyReused (the same token with other contents), StillWorking, and what
    `work` raises; then nothing has changed.
    """
    record, is_new = claim(_key(request, page))
    if not is_new:
        return [(level, text) for level, text in record.response or ()]
    notes = work()
    finish(record.pk, status=302, response=notes)
    return notes


def _key(request: HttpRequest, page: str) -> RequestKey:
    token = request.POST.get(TOKEN, "")
    if len(token) != len(uuid.UUID(int=0).hex):
        raise TokenMissing
    fields = {name: texts for name, texts in request.POST.lists() if name != "csrfmiddlewaretoken"}
    return RequestKey(f"admin:{page}:{user_of(request)}", token, hash_request(fields))


def tell(request: HttpRequest, notes: Notes) -> None:
    for level, text in notes:
        messages.add_message(request, level, text)
