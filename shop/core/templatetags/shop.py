"""Template tags of the shop: amounts, dates, language links, structured data."""

import json
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.conf import settings
from django.template import Context
from django.template.defaultfilters import date as format_date
from django.urls import reverse, translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, get_language_info, override

from shop.core.money import Money

register = template.Library()

# In a script element these could end it or start a comment; as escapes they mean the same in JSON.
_JSON_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def money(minor: int, currency: str) -> str:
    """`{{ 149000|money:"IDR" }}` → `Rp149.000`."""
    return Money(minor, currency).format()


@register.filter
def moment(value: datetime) -> str:
    """`22 Nov 2026, 14.30 WIB`: the shop's own time, named, because parcels cross time zones."""
    local = localtime(value)
    return f"{format_date(local, 'j M Y, H.i')} {local.tzname()}"


@register.filter
def in_fours(digits: str) -> str:
    """`8808 1234 5678`: a virtual account number is typed in groups."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


@register.filter
def percent_off(now: int, before: int) -> int:
    """How many whole per cent `now` lies below `before`, rounded down so as not to promise more."""
    return (before - now) * 100 // before


@register.filter
def json_ld(data: object) -> SafeString:
    """Structured data for search engines: data, not code, so the content policy lets it be."""
    text = json.dumps(data, ensure_ascii=False).translate(_JSON_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above


@dataclass(frozen=True, slots=True)
class LanguageLink:
    code: str
    name: str
    url: str
    is_current: bool
    is_default: bool
    is_written: bool


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[LanguageLink]:
    """This page in every language. A view whose slugs differ passes `alternates` {code: path}.

    What has no path there is not written in that language: its text would be that of another.
    """
    known = context.get("alternates") or {}
    path = context["request"].get_full_path() if "request" in context else "/"
    return [
        LanguageLink(
            code=code,
            name=_capital(get_language_info(code)["name_local"]),
            url=known.get(code) or _translated(path, code),
            is_current=code == get_language(),
            is_default=code == settings.LANGUAGE_CODE,
            is_written=not known or code in known,
        )
        for code, _name in settings.LANGUAGES
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _translated(path: str, code: str) -> str:
    """The page itself where its address is known, else the home page in that language."""
    url = translate_url(path, code)
    if url != path or code == get_language():
        return url
    with override(code):
        return reverse("pages:home")
