"""The locks of an exception, and the rows that tell who did what about it."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderEvent
from payments.models import ExceptionStep, PaymentException
from shop.core.errors import DomainError

Kind = ExceptionStep.Kind
LONGEST_WORDS = 500


class MovedOn(DomainError):
    code = "exception_moved_on"
    message = _("Somebody else has just done something about this. Reload the page and look again.")


class NotForThis(DomainError):
    code = "not_for_this_exception"
    message = _("This cannot be done about this exception, or not any more. Reload the page.")


def lock_exception(exception_id: int) -> tuple[PaymentException, Order | None]:
    """Held, behind its order, until the caller's transaction ends. Raises MovedOn where it was
    given another order meanwhile, whose lock this does not hold."""
    order_id = PaymentException.objects.values_list("order_id", flat=True).get(pk=exception_id)
    order = Order.objects.locked().get(pk=order_id) if order_id else None
    exception = lock_alone(exception_id)
    if exception.order_id != order_id:
        raise MovedOn
    return exception, order


def lock_alone(exception_id: int) -> PaymentException:
    """For a caller that holds the lock of its order, or touches nothing else."""
    rows = PaymentException.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=exception_id)


def record_step(
    exception: PaymentException,
    kind: Kind,
    *,
    user_id: int,
    words: str = "",
    **data: int | str,
) -> None:
    """In the caller's transaction; the order's history has it too."""
    ExceptionStep.objects.create(
        exception=exception,
        kind=kind,
        actor_id=user_id,
        words=words.strip()[:LONGEST_WORDS],
        data=data,
    )
    if exception.order_id is not None:
        OrderEvent.objects.create(
            order_id=exception.order_id,
            kind=f"exception_{kind}",
            actor=OrderEvent.Actor.STAFF,
            user_id=user_id,
            data={"exception": exception.pk, **data},
        )


def resolve(exception: PaymentException, resolution: str) -> None:
    """The caller holds its lock."""
    exception.resolved_at, exception.resolution = timezone.now(), resolution
    exception.save(update_fields=["resolved_at", "resolution"])
