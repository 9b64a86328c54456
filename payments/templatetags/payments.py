"""What pages say of paying. Asks nobody: methods are settings."""

from django import template

from payments.gateways.methods import METHODS, MethodSpec

register = template.Library()


@register.simple_tag
def offered_methods() -> list[MethodSpec]:
    """The ways to pay that there are, in their order; a total may be too much for one of them."""
    return [spec for spec in METHODS.values() if spec.is_ready]
