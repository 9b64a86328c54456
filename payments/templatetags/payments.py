"""What pages say of paying. Asks nobody: methods are settings."""

from django import template
from django.template import Context

from payments.gateways.methods import METHODS, MethodSpec
from payments.inbox.watching import overdue_events

register = template.Library()


@register.simple_tag
def offered_methods() -> list[MethodSpec]:
    """The ways to pay that there are, in their order; a total may be too much for one of them."""
    return [spec for spec in METHODS.values() if spec.is_ready]


@register.simple_tag(takes_context=True)
def webhooks_overdue(context: Context) -> int:
    """How many webhooks nobody is done with in time, for who may see them. One query."""
    if not context["user"].has_perm("payments.view_webhookevent"):
        return 0
    return overdue_events()[:100].count()
