from django import template

from orders import address_lines as lines
from orders.address_lines import Postal

register = template.Library()


@register.filter
def address_lines(address: Postal) -> list[str]:
    """`{% for line in contact|address_lines %}`: recipient, street, place, in the right order."""
    return lines.address_lines(address)
