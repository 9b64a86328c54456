from django import template

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """`1.000.000`, as amounts of money are written in both languages of the shop."""
    return f"{number:,}".replace(",", ".")
