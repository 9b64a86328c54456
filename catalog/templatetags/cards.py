"""Cards of products and their parts: picture, price, rating, heart.

A list has dozens of them, and as templates they took most of the time that a page takes; so does
`format_html`. Here whatever is not written in this file goes through `escape`. Texts stand outside
of f-strings: the extraction for translators does not look into these.
"""

from html import escape

from django import template
from django.template.defaultfilters import floatformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from catalog.catalogue import ImageView, ProductCard
from catalog.paths import path_of
from catalog.rating import average_rating
from shop.core.money import Money
from shop.core.templatetags.shop import percent_off

register = template.Library()

# How wide a card's picture is shown: in a list beside filters, and in one of the whole width.
_BESIDE_FILTERS = "(min-width: 82rem) 15rem, (min-width: 60rem) 18vw, (min-width: 44rem) 31vw, 45vw"
_WHOLE_WIDTH = "(min-width: 82rem) 19rem, (min-width: 60rem) 23vw, (min-width: 44rem) 31vw, 45vw"
_HANGER = (
    '<svg x="36%" y="36%" width="28%" height="28%" viewBox="0 0 24 24" fill="none"'
    ' stroke="currentColor" stroke-opacity=".35" stroke-width="1.2" stroke-linecap="round"'
    ' stroke-linejoin="round"><path d="M10 7a2 2 0 1 1 3 1.7c-.6.4-1 .8-1 1.5v.6L3.2 16.6c-1 .7-.6'
    ' 2.4.7 2.4h16.2c1.3 0 1.7-1.7.7-2.4L12 10.8"/></svg>'
)
_STAR = (
    '<svg viewBox="0 0 20 20" aria-hidden="true">'
    '<path d="M10 1.6l2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8L1.6 7.7l5.8-.8z"/></svg>'
)
_HEART = '<svg viewBox="0 0 24 24" aria-hidden="true"><use href="#heart"/></svg>'
# Pictures of the first row are wanted at once; all others when they come near.
_FIRST_ROW = 4


@register.simple_tag(name="card")
def show_card(
    card: ProductCard, *, level: int = 3, place: int = 0, is_beside_filters: bool = False
) -> SafeString:
    """A product in a list. `level` is that of its heading; `place` is explained at the picture."""
    gone = "" if card.is_available else " gone"
    url = escape(path_of("catalog:view_product", card.slug))
    sizes = _BESIDE_FILTERS if is_beside_filters else _WHOLE_WIDTH
    return SafeString(
        f'<li class="card{gone}"><h{level}><a href="{url}">{escape(card.name)}</a></h{level}>'
        f'<div class="ph">{show_picture(card.image, sizes=sizes, place=place)}</div>'
        f"{show_heart(card.slug, card.name)}{_tag(card)}{show_price(card)}"
        f"{show_rating(card.rating_sum, card.rating_count)}{_swatches(card)}</li>"
    )


@register.simple_tag(name="picture")
def show_picture(
    image: ImageView | None, *, sizes: str = "", alt: str = "", place: int = 0
) -> SafeString:
    """A picture, or its place while it is being prepared. `sizes` is how wide it is shown.

    `place` is its number among those that are seen first; without one it waits until it comes near.
    """
    # A template gives an empty text for what there is not.
    if not image or not image.is_ready:
        return _blank(image, alt)
    if place == 1:
        loading = ' fetchpriority="high"'
    elif 1 < place <= _FIRST_ROW:
        loading = ""
    else:
        loading = ' loading="lazy" decoding="async"'
    shown = escape(sizes)
    sources = "".join(
        f'<source type="{escape(mime)}" srcset="{escape(srcset)}" sizes="{shown}">'
        for mime, srcset in image.sources
    )
    return SafeString(
        f'<picture>{sources}<img src="{escape(image.src)}" width="{image.width:d}"'
        f' height="{image.height:d}" alt="{escape(alt)}"{loading}></picture>'
    )


def _blank(image: ImageView | None, alt: str) -> SafeString:
    width, height = (image.width, image.height) if image else (3, 4)
    named = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
    inside = _HANGER
    if image and image.colour:
        inside = f'<rect width="100%" height="100%" fill="{escape(image.colour)}"/>'
    return SafeString(
        f'<svg class="blank" viewBox="0 0 {width:d} {height:d}"'
        f' preserveAspectRatio="xMidYMid slice" {named}>{inside}</svg>'
    )


@register.simple_tag(name="price")
def show_price(card: ProductCard) -> SafeString:
    now = escape(Money(card.price_minor, card.currency).format())
    if not card.compare_at_minor:
        start = escape(gettext("from")) + " " if card.price_varies else ""
        return SafeString(f'<p class="price"><span>{start}{now}</span></p>')
    before = escape(Money(card.compare_at_minor, card.currency).format())
    now_label, before_label = escape(gettext("Price now:")), escape(gettext("Price before:"))
    return SafeString(
        f'<p class="price"><span class="cut"><span class="vh">{now_label} </span>{now}</span>'
        f'<s><span class="vh">{before_label} </span>{before}</s></p>'
    )


@register.simple_tag(name="rating")
def show_rating(rating_sum: int, rating_count: int) -> SafeString:
    """Nothing before the first review."""
    if not rating_count:
        return SafeString("")
    average = escape(floatformat(average_rating(rating_sum, rating_count), 1))
    count = ngettext("%(count)s review", "%(count)s reviews", rating_count)
    label, of_five = escape(gettext("Rating:")), gettext("of 5 stars,")
    spoken = f"{of_five} {count % {'count': rating_count}}"
    return SafeString(
        f'<span class="rating">{_STAR}<span class="vh">{label} </span>'
        f'{average} <span class="of"><span class="vh">{escape(spoken)}</span>'
        f'<span aria-hidden="true">({rating_count:d})</span></span></span>'
    )


@register.simple_tag(name="heart")
def show_heart(slug: str, name: str) -> SafeString:
    """A button of the form `wish` in the header, which keeps the product on the wishlist."""
    spoken = escape(gettext("Keep %(name)s on the wishlist") % {"name": name})
    return SafeString(
        '<button class="ico heart" type="submit" form="wish" name="keep"'
        f' value="{escape(slug)}">{_HEART}<span class="vh">{spoken}</span></button>'
    )


def _tag(card: ProductCard) -> str:
    sold_out, new = escape(gettext("Sold out")), escape(gettext("New"))
    if not card.is_available:
        return f'<span class="tag">{sold_out}</span>'
    if card.compare_at_minor:
        percent = percent_off(card.price_minor, card.compare_at_minor)
        return f'<span class="tag cut">−{percent:d}%</span>'
    return f'<span class="tag">{new}</span>' if card.is_new else ""


def _swatches(card: ProductCard) -> str:
    if card.colour_count <= 1:
        return ""
    dots = "".join(
        '<svg viewBox="0 0 20 20" aria-hidden="true">'
        f'<circle cx="10" cy="10" r="9" fill="{escape(swatch.hex)}"/></svg>'
        for swatch in card.swatches
    )
    text = ngettext("%(count)s colour", "%(count)s colours", card.colour_count)
    return f'<p class="sw">{dots}<span>{escape(text % {"count": card.colour_count})}</span></p>'
