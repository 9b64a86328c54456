"""What the staff's home page says of reviews."""

from django import template
from django.template import Context

from orders.admin.reviews import shown_count

register = template.Library()


@register.simple_tag(takes_context=True)
def reviews_to_read(context: Context) -> str:
    """How many wait, for who may decide on them; empty if there are none. One query, bounded."""
    if not context["user"].has_perm("orders.change_review"):
        return ""
    count = shown_count()
    return "" if count == "0" else count
