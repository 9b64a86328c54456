"""What templates of listings need: counts, and the choices of a facet."""

from html import escape

from django import template
from django.utils.safestring import SafeString

from catalog.listing_facets import Choice, Group, tally

register = template.Library()
register.filter("tally", tally)


@register.simple_tag(name="choices")
def show_choices(group: Group) -> SafeString:
    """Links, sizes or boxes to tick; a page of a big shop has a hundred of them.

    Whatever is not written in this file goes through `escape`.
    """
    if group.kind == "link":
        return SafeString(f"<ul>{''.join(map(_link, group.choices))}</ul>")
    if group.kind == "size":
        return SafeString(f'<ul class="opts">{"".join(map(_size, group.choices))}</ul>')
    return SafeString(f"<ul>{''.join(map(_box, group.choices))}</ul>")


def _link(choice: Choice) -> str:
    return (
        f'<li><a class="chk" href="{escape(choice.url)}"><span>{escape(choice.name)}</span>'
        f'<span class="count">{escape(choice.count)}</span></a></li>'
    )


def _size(choice: Choice) -> str:
    field = f"f-{escape(choice.field[0])}-{escape(choice.field[1])}"
    count = f"<small>{escape(choice.count)}</small>" if choice.count else ""
    return (
        f'<li class="opt">{_input(choice)}<label for="{field}">{escape(choice.name)}{count}'
        "</label></li>"
    )


def _box(choice: Choice) -> str:
    swatch = ""
    if choice.swatch:
        swatch = (
            '<svg viewBox="0 0 20 20" aria-hidden="true">'
            f'<circle cx="10" cy="10" r="9" fill="{escape(choice.swatch)}"/></svg>'
        )
    return (
        f'<li><label class="chk">{_input(choice)}{swatch}<span>{escape(choice.name)}</span>'
        f'<span class="count">{escape(choice.count)}</span></label></li>'
    )


def _input(choice: Choice) -> str:
    name, value = map(escape, choice.field)
    checked = " checked" if choice.is_chosen else ""
    return f'<input type="checkbox" id="f-{name}-{value}" name="{name}" value="{value}"{checked}>'
