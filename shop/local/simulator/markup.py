"""The HTML of the pages. Every value from outside passes `escape`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from .channels import CHANNELS
from .deliveries import Delivery
from .store import PaymentRequest

STATUS_WORDS = {
    "REQUIRES_ACTION": "waiting for the payer",
    "PENDING": "waiting on the payer’s phone",
    "SUCCEEDED": "paid",
    "FAILED": "failed",
    "EXPIRED": "expired",
    "CANCELED": "cancelled by the shop",
}
DELIVERY_WORDS = {
    "WAITING": "waiting",
    "SENDING": "being sent",
    "DELIVERED": "delivered",
    "GIVEN_UP": "given up",
    "DROPPED": "lost on purpose",
}


def page(title: str, content: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{escape(title)} · payment gateway simulator</title>
<link rel="stylesheet" href="/static/simulator.css">
</head>
<body>
<header>
<div class="wrap"><a href="/">Payment gateway simulator</a><p>No real money moves here.</p></div>
</header>
<main class="wrap">
{content}
</main>
</body>
</html>
"""


def rupiah(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")


def refusal(message: str) -> str:
    title = "That did not work"
    way_out = '<p><a href="/">All open payment requests</a></p>'
    return page(title, f"<h1>{title}</h1>\n<p>{escape(message)}</p>\n{way_out}")


def index(requests: list[PaymentRequest], *, wanted: str) -> str:
    heading = f"Found for “{escape(wanted)}”" if wanted else "Open payment requests"
    nothing = (
        "Nothing found." if wanted else "None. Place an order in the shop, and it appears here."
    )
    rows = "\n".join(_row(each) for each in requests)
    listing = f'<ul class="requests">\n{rows}\n</ul>' if requests else f"<p>{nothing}</p>"
    content = f"""<form class="search" action="/" method="get" role="search">
<label for="q">Virtual account number or reference</label>
<div><input id="q" name="q" value="{escape(wanted)}" autocomplete="off" inputmode="search">
<button type="submit">Find</button></div>
</form>
<h1>{heading}</h1>
{listing}"""
    return page(heading if not wanted else "Search", content)


def _row(request: PaymentRequest) -> str:
    document = request.document
    number = request.virtual_account_number
    shown = f' <span class="number">{escape(grouped(number))}</span>' if number else ""
    amount = rupiah(document["request_amount"])
    return (
        f'<li><a href="/checkout/{escape(request.id)}"><strong>{amount}</strong>'
        f" <span>{escape(_channel(request))}</span>{shown}</a>"
        f" <small>{escape(document['reference_id'])} · {_status(request)}</small></li>"
    )


def _channel(request: PaymentRequest) -> str:
    return CHANNELS[request.document["channel_code"]].name


def _status(request: PaymentRequest) -> str:
    return STATUS_WORDS.get(request.status, request.status.lower())


def grouped(number: str) -> str:
    """In fours, as a bank's app shows it."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def checkout(request: PaymentRequest, deliveries: list[Delivery], *, shop_url: str | None) -> str:
    amount = rupiah(request.document["request_amount"])
    content = f"""<article>
<p class="status {request.status.lower()}">{_status(request)}</p>
<h1>{amount}</h1>
<p class="channel">{escape(_channel(request))}</p>
<dl>
{_facts(request)}
</dl>
{_buttons(request)}
{_way_back(request, shop_url)}
</article>
{_webhooks(deliveries)}"""
    return page(f"{amount}, {_channel(request)}", content)


def _facts(request: PaymentRequest) -> str:
    document, properties = request.document, request.document["channel_properties"]
    phone = properties.get("account_mobile_number") or properties.get("mobile_number")
    facts = (
        ("Virtual account", grouped(request.virtual_account_number or "")),
        ("In the name of", properties.get("display_name")),
        ("Phone", phone if document["channel_code"] == "OVO" else None),
        ("Reference", document["reference_id"]),
        ("Payment request", request.id),
        ("Can be paid until", _time(request.expires_at) if request.is_open else None),
        ("Failure", document.get("failure_code")),
    )
    return "\n".join(
        f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>" for name, value in facts if value
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _buttons(request: PaymentRequest) -> str:
    if request.is_open:
        return _forms(
            request,
            ("approve", "Approve", "The payer pays."),
            ("decline", "Decline", "The payer refuses, and the request has failed."),
            ("expire", "Let expire", "The time runs out now."),
            ("close", "Close", "The payer goes away without deciding."),
        )
    if request.status == "SUCCEEDED":
        return _forms(request, ("pay-anyway", "Pay a second time", "As a bank’s error would."))
    return _forms(request, ("pay-anyway", "Pay late", "The money comes all the same."))


def _forms(request: PaymentRequest, *buttons: tuple[str, str, str]) -> str:
    forms = "\n".join(
        f'<form method="post" action="/checkout/{escape(request.id)}/{action}">'
        f'<button class="{action}" type="submit" aria-describedby="{action}-hint">{label}</button>'
        f'<small id="{action}-hint">{hint}</small></form>'
        for action, label, hint in buttons
    )
    return f'<div class="buttons">\n{forms}\n</div>'


def _way_back(request: PaymentRequest, shop_url: str | None) -> str:
    if request.is_open or shop_url is None:
        return ""
    return f'<p><a href="{escape(shop_url)}">Back to the shop</a></p>'


def _webhooks(deliveries: Iterable[Delivery]) -> str:
    rows = "\n".join(_webhook(each) for each in deliveries)
    if not rows:
        return ""
    return f'<section>\n<h2>Webhooks</h2>\n<ul class="webhooks">\n{rows}\n</ul>\n</section>'


def _webhook(delivery: Delivery) -> str:
    state = DELIVERY_WORDS[delivery.state]
    tried = f"{len(delivery.tries)} {'try' if len(delivery.tries) == 1 else 'tries'}"
    trouble = delivery.tries[-1].error if delivery.tries else None
    notes = [state, tried]
    if trouble:
        notes.append(f"last: {trouble}")
    if delivery.state == "WAITING" and delivery.next_try_at:
        notes.append(f"next {_time(delivery.next_try_at)}")
    return (
        f"<li><code>{escape(delivery.event)}</code> <span>{escape(' · '.join(notes))}</span></li>"
    )
