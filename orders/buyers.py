"""By what a buyer is known again: an account, an e-mail address, a phone, a postal address.

Limits per person hold for guests too, so they go by whichever of these is the same. What is kept
are pseudonyms (keyed hashes): nobody can be read out of them, and an order's contact can be erased
while its limits go on.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.db import connection

from orders.addresses import Contact, PostalAddress
from orders.models import BuyerKeyKind

# A key by kind; a guest has no account, a cart without an address no address.
Buyer = Mapping[BuyerKeyKind, str]
NOBODY: Buyer = {}
_NOT_A_WORD = re.compile(r"[\W_]+")


def buyer_of(
    *, customer_id: int | None, contact: Contact | None = None, address: PostalAddress | None = None
) -> Buyer:
    """The pseudonyms of what is known; the phone is expected in E.164."""
    facts = {
        BuyerKeyKind.ACCOUNT: str(customer_id or ""),
        BuyerKeyKind.EMAIL: _mailbox(contact.email) if contact else "",
        BuyerKeyKind.PHONE: contact.phone if contact else "",
        BuyerKeyKind.ADDRESS: _place(address) if address else "",
    }
    return {kind: _pseudonym(kind, fact) for kind, fact in facts.items() if fact}


def person(buyer: Buyer) -> list[str]:
    """The keys that mean the same person: those who share an address may be many."""
    return sorted(key for kind, key in buyer.items() if kind != BuyerKeyKind.ADDRESS)


def hold(buyer: Buyer) -> None:
    """One order of a person at a time, until the transaction ends; others wait here.

    In one order of locks, so that two people who share a phone and an address cannot deadlock.
    """
    numbers = sorted(int(key[:15], 16) for key in buyer.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [numbers]
        )


def _mailbox(email: str) -> str:
    """The mailbox behind an address: `Siti+promo@Example.com` is `siti@example.com`."""
    name, at, host = email.strip().lower().rpartition("@")
    if not (name and at and host):
        return ""
    name = name.partition("+")[0]
    if host in {"gmail.com", "googlemail.com"}:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def _place(address: PostalAddress) -> str:
    parts = (address.country, address.postal_code, address.street)
    return "|".join(_plain(part) for part in parts)


def _plain(text: str) -> str:
    """Letters and digits only: `Jl. Braga No. 12` and `jl braga no.12` are one place."""
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def _pseudonym(kind: BuyerKeyKind, fact: str) -> str:
    message = f"{kind}:{fact}".encode()
    return hmac.new(_secret(), message, hashlib.sha256).hexdigest()[:32]


@cache
def _secret() -> bytes:
    return settings.PSEUDONYM_KEY.encode()
