"""Which of a webhook's headers are kept: a few that say who sent it and what, and no secret."""

from collections.abc import Mapping

from payments.gateways.base import WebhookSecret

KEPT = ("content-type", "content-length", "user-agent", "webhook-id", "date")
# Where secrets come in: only whether anything came is kept.
SECRETS = ("authorization", "x-callback-token", "x-signature", "signature", "cookie")
LONGEST = 200


def kept_headers(headers: Mapping[str, str], secret: WebhookSecret | None) -> dict[str, str]:
    """By their names in lower case. `secret`: which of ours it bore; None where nobody looked."""
    given = {name.lower(): value for name, value in headers.items()}
    kept = {name: _storable(given[name]) for name in KEPT if name in given}
    kept |= {name: "present" for name in SECRETS if given.get(name)}
    if secret is not None and "x-callback-token" in kept:
        kept["x-callback-token"] = str(secret)
    return kept


def _storable(value: str) -> str:
    """As text that JSON in PostgreSQL can hold, whatever bytes a stranger sent."""
    return "".join(each for each in value[:LONGEST] if each.isprintable())
