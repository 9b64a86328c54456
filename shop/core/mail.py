"""A mail in one language, as text and as HTML. Sent from the outbox, never inside a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str


def write(template: str, *, language: str, context: Mapping[str, Any]) -> Written:
    """Write `emails/<template>` (`.subject.txt`, `.txt`, `.html`) in the language."""
    known = {**context, "shop_name": settings.SHOP_NAME, "language": language}
    with translation.override(language):
        return Written(
            render_to_string(f"emails/{template}.subject.txt", known).strip(),
            render_to_string(f"emails/{template}.txt", known),
            render_to_string(f"emails/{template}.html", known),
        )


def send(
    template: str,
    *,
    to: str,
    language: str,
    context: Mapping[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    """Write `emails/<template>` in the language and send it."""
    written = write(template, language=language, context=context)
    mail = EmailMultiAlternatives(written.subject, written.text, to=[to], headers=headers)
    mail.attach_alternative(written.html, "text/html")
    mail.send()


def unsubscribe_headers(url: str) -> dict[str, str]:
    """RFC 8058: the mail program itself offers the button, and posts to the address."""
    return {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
