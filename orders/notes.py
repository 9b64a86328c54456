"""What staff note about an order, and taking people's words out of it again."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import OrderNote, RefundDue, Return
from shop.core.errors import DomainError

LONGEST_NOTE = 1000


class NoteEmpty(DomainError):
    code = "note_empty"
    status = 422
    message = _("Write the note first.")


@transaction.atomic
def add_note(*, order_id: int, text: str, author_id: int, token: UUID) -> OrderNote:
    """For colleagues only. The same `token` again is the same note. Raises NoteEmpty."""
    text = text.strip()
    if not text:
        raise NoteEmpty
    note, _is_new = OrderNote.objects.get_or_create(
        token=token,
        defaults={"order_id": order_id, "author_id": author_id, "text": text[:LONGEST_NOTE]},
    )
    return note


@transaction.atomic
def erase_words(*, order_id: int) -> None:
    """Empty all that people wrote about an order: notes, and the words of its returns.

    That they were written, when and by whom of the staff, stays. Safe to call twice.
    """
    OrderNote.objects.filter(order=order_id, erased_at=None).update(
        text="", erased_at=timezone.now()
    )
    Return.objects.filter(order=order_id).update(note="", answer="")
    RefundDue.objects.filter(order=order_id).update(reason="")
