"""What would become of a webhook if it were processed now. Nothing of it is kept."""

from dataclasses import dataclass, field

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from structlog.contextvars import bound_contextvars

from orders.models import Order
from payments.gateways.base import RemotePayment
from payments.inbox.changes import Change, look
from payments.ledger.chart import account_of
from payments.models import LedgerTransaction, WebhookEvent, lock_order_and_attempt
from payments.webhooks import Asked, ask, key_of, record
from shop.core.deadline import deadline
from shop.core.errors import DomainError
from shop.core.money import Money

# Somebody waits for it, in a request.
TIMEOUT = 5.0


class SomebodyIsAtIt(DomainError):
    code = "webhook_order_busy"
    message = _("This order is being worked on right now. Try again in a moment.")


@dataclass(frozen=True, slots=True)
class Posting:
    """What would be written into the books: signed amounts by the names of their accounts."""

    kind: str
    entries: list[tuple[str, Money]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`error` is what processing raised; then there are no changes."""

    answer: str
    event: WebhookEvent
    changes: list[Change] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    error: str = ""


def rehearse_webhook(*, event_id: int) -> Rehearsal:
    """Ask the gateway, process the event, and take all of it back again.

    What is logged meanwhile bears `dry_run`. Waits for the gateway for at most `TIMEOUT` seconds,
    outside of the transaction. Raises WebhookEvent.DoesNotExist, SomebodyIsAtIt.
    """
    event = WebhookEvent.objects.get(pk=event_id)
    with bound_contextvars(dry_run=True):
        with deadline(TIMEOUT):
            asked = ask(event)
        try:
            return _taken_back(event, asked)
        except OperationalError as error:
            raise SomebodyIsAtIt from error
        except (DatabaseError, DomainError) as error:
            return Rehearsal(_name_of(asked), event, error=type(error).__name__)


def _taken_back(event: WebhookEvent, asked: Asked) -> Rehearsal:
    with transaction.atomic():
        rehearsal = _rehearse(event, asked)
        transaction.set_rollback(True)
    return rehearsal


def _rehearse(event: WebhookEvent, asked: Asked) -> Rehearsal:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = '5s'")
    orders = _orders_of(asked)
    money = _money_of(event, asked)
    postings = LedgerTransaction.objects.filter(Q(order__in=orders) | _posted(event, asked))
    known = set(postings.values_list("pk", flat=True))
    before = look(orders=orders, money=money, key=key_of(event))
    event = record(event, asked)
    # What is only checked at the end of a transaction would never be.
    connection.check_constraints()
    after = look(orders=orders, money=money, key=key_of(event))
    new = postings.exclude(pk__in=known).prefetch_related("entries").order_by("pk")
    return Rehearsal(
        answer=_name_of(asked),
        event=event,
        changes=before.until(after),
        postings=[_shown(posting) for posting in new],
    )


def _orders_of(asked: Asked) -> list[int]:
    """Its order, held so that nobody else changes it meanwhile, and the others of its cart: late
    money may end one of them."""
    if asked.attempt is None:
        return []
    order, _attempt = lock_order_and_attempt(asked.attempt.pk)
    same = Order.objects.filter(cart_token=order.cart_token).exclude(cart_token=None)
    return [order.pk, *same.exclude(pk=order.pk).values_list("pk", flat=True)]


def _payments_in(asked: Asked) -> list[str]:
    remote = asked.answer
    return [one.payment_id for one in remote.captures] if isinstance(remote, RemotePayment) else []


def _money_of(event: WebhookEvent, asked: Asked) -> Q:
    return Q(gateway=event.gateway, payment_id__in=_payments_in(asked))


def _posted(event: WebhookEvent, asked: Asked) -> Q:
    """Postings of money that belongs to no order."""
    found = Q(pk__in=[])
    for payment_id in _payments_in(asked):
        found |= Q(external_key__startswith=f"receipt:{event.gateway}:{payment_id}:")
    return found


def _name_of(asked: Asked) -> str:
    """In the words of `payments.gateways.base`, which docs/payments.md explains."""
    match asked.answer:
        case None:
            return ""
        case RemotePayment(state=state, captures=captures):
            money = [f"{one.payment_id} {one.amount.format()}" for one in captures]
            return ", ".join([str(state), *money])
        case list() as refunds:
            return ", ".join(
                f"{one.refund_ref} {one.amount.format()} {one.state}" for one in refunds
            )
        case other:
            return type(other).__name__


def _shown(posting: LedgerTransaction) -> Posting:
    entries = sorted(posting.entries.all(), key=lambda entry: entry.pk)
    return Posting(
        posting.get_kind_display(),
        [
            (str(account_of(entry.account_id).name), Money(entry.amount_minor, entry.currency))
            for entry in entries
        ],
    )
