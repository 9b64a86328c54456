"""A status as a word with a shape: nobody has to tell colours apart."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


class Shape(StrEnum):
    """The shape is the meaning; the style sheet only colours it."""

    OPEN = "○"
    HALF = "◐"
    DONE = "●"
    OVER = "✓"
    ENDED = "✕"
    ALERT = "▲"


def badge(label: str | Promise, shape: Shape) -> SafeString:
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>',
        shape.name.lower(),
        shape.value,
        label,
    )
