"""What every page of the staff room says of the exceptions desk."""

from django import template
from django.template import Context

from payments.desk.counting import Counts, count_open

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_counts(context: Context) -> Counts | None:
    """None for who may not see exceptions, and where none is open. One query."""
    user = context.get("user")
    if user is None or not user.has_perm("payments.view_paymentexception"):
        return None
    counts = count_open()
    return counts if counts.open else None
