"""What pages say of paying."""

from django import template
from django.template import Context
from django.utils.functional import Promise

from payments.gateways.methods import METHODS, MethodSpec
from payments.inbox.watching import overdue_events
from payments.ledger.chart import account_of
from payments.models import PaymentAttempt, PaymentProof, Refund

register = template.Library()


@register.simple_tag
def offered_methods() -> list[MethodSpec]:
    """In their order; a total may be too much for one of them. Asks nobody."""
    return [spec for spec in METHODS.values() if spec.is_ready]


@register.filter
def account_name(code: str) -> str | Promise:
    """What an account of the ledger is called."""
    return account_of(code).name


@register.simple_tag
def proofs_of(about: Refund | PaymentAttempt) -> list[PaymentProof]:
    """Files that show its transfer, the oldest first. One query."""
    of = {"refund": about} if isinstance(about, Refund) else {"attempt": about}
    return list(PaymentProof.objects.filter(**of).order_by("pk"))


@register.simple_tag(takes_context=True)
def webhooks_overdue(context: Context) -> int:
    """How many webhooks nobody is done with in time, for who may see them. One query."""
    if not context["user"].has_perm("payments.view_webhookevent"):
        return 0
    return overdue_events()[:100].count()
