"""What pages say of paying."""

from django import template

from payments.gateways.methods import METHODS, MethodSpec
from payments.models import PaymentAttempt, PaymentProof, Refund

register = template.Library()


@register.simple_tag
def offered_methods() -> list[MethodSpec]:
    """In their order; a total may be too much for one of them. Asks nobody."""
    return [spec for spec in METHODS.values() if spec.is_ready]


@register.simple_tag
def proofs_of(about: Refund | PaymentAttempt) -> list[PaymentProof]:
    """Files that show its transfer, the oldest first. One query."""
    of = {"refund": about} if isinstance(about, Refund) else {"attempt": about}
    return list(PaymentProof.objects.filter(**of).order_by("pk"))
