"""One line each for what is listed: requests, sessions, webhooks, refunds, movements of money."""

from html import escape

from shop.local.simulator.channels import CHANNELS
from shop.local.simulator.deliveries import Delivery
from shop.local.simulator.refund_store import Refund
from shop.local.simulator.session_store import Session
from shop.local.simulator.store import PaymentRequest
from shop.local.simulator.transaction_store import Transaction

from .frame import do, grouped, more, rupiah, select, time

STATUS_WORDS = {
    "REQUIRES_ACTION": "waiting for the payer",
    "PENDING": "waiting on the payer’s phone",
    "SUCCEEDED": "paid",
    "FAILED": "failed",
    "EXPIRED": "expired",
    "CANCELED": "cancelled by the shop",
    "ACTIVE": "waiting for a card",
    "COMPLETED": "paid",
}
DELIVERY_WORDS = {
    "WAITING": "waiting",
    "SENDING": "being sent",
    "DELIVERED": "delivered",
    "GIVEN_UP": "given up",
    "DROPPED": "lost on purpose",
}
REFUND_FAILURES = ("REFUND_FAILED", "ACCOUNT_NOT_FOUND", "ACCOUNT_ACCESS_BLOCKED")


def status(of: PaymentRequest | Session) -> str:
    return STATUS_WORDS.get(of.status, of.status.lower())


def channel(request: PaymentRequest) -> str:
    return CHANNELS[request.document["channel_code"]].name


def request_row(request: PaymentRequest) -> str:
    document = request.document
    number = request.virtual_account_number
    shown = f' <span class="number">{escape(grouped(number))}</span>' if number else ""
    amount = rupiah(document["request_amount"])
    return (
        f'<li><a href="/checkout/{escape(request.id)}"><strong>{amount}</strong>'
        f" <span>{escape(channel(request))}</span>{shown}</a>"
        f" <small>{escape(document['reference_id'])} · {status(request)}</small></li>"
    )


def session_row(session: Session) -> str:
    amount = rupiah(session.document["amount"])
    return (
        f'<li><a href="/session/{escape(session.id)}"><strong>{amount}</strong>'
        f" <span>Card session</span></a>"
        f" <small>{escape(session.reference_id)} · {status(session)}</small></li>"
    )


def webhook_row(delivery: Delivery, *, back: str, with_link: bool = False) -> str:
    tried = f"{len(delivery.tries)} {'try' if len(delivery.tries) == 1 else 'tries'}"
    trouble = delivery.tries[-1].error if delivery.tries else None
    notes = [DELIVERY_WORDS[delivery.state], tried]
    if delivery.raw is not None:
        notes.append("forged")
    if delivery.alteration:
        notes.append(delivery.alteration.replace("_", " "))
    if trouble:
        notes.append(f"last: {trouble}")
    if delivery.state == "WAITING" and delivery.next_try_at:
        notes.append(f"next {time(delivery.next_try_at)}")
    about = delivery.payment_request_id
    place = "session" if about.startswith("ps-") else "checkout"
    link = f' <a href="/{place}/{escape(about)}">{escape(about)}</a>' if with_link and about else ""
    return (
        f"<li><p><code>{escape(delivery.event)}</code>{link}"
        f" <span>{escape(' · '.join(notes))}</span></p>\n{_tries(delivery)}"
        f"{_resend(delivery, back)}</li>"
    )


def _tries(delivery: Delivery) -> str:
    """Worth a list when there was more than one; the last is told in the row itself."""
    if len(delivery.tries) < 2:
        return ""
    told = "\n".join(
        f"<li>{time(each.tried_at)}: {escape(each.error or f'answered {each.status}')}</li>"
        for each in delivery.tries
    )
    return more("Tries", f"<ol>\n{told}\n</ol>")


def _resend(delivery: Delivery, back: str) -> str:
    values = {"webhook_id": delivery.webhook_id}
    again = do("resend", "Send again", back=back, values=values | {"same_id": "on"})
    return f'<div class="small">{again}{do("resend", "Replay", back=back, values=values)}</div>'


def refund_row(refund: Refund, *, back: str, with_link: bool = False) -> str:
    document = refund.document
    notes = [refund.status.lower(), document["reference_id"] or "made in the dashboard"]
    if document["failure_code"]:
        notes.append(document["failure_code"])
    about = refund.payment_request_id
    link = f' <a href="/checkout/{escape(about)}">{escape(about)}</a>' if with_link else ""
    head = f"<strong>{rupiah(refund.amount)}</strong>{link}"
    said = escape(" · ".join(notes))
    return f"<li><p>{head} <span>{said}</span></p>\n{_settle_refund(refund, back)}</li>"


def _settle_refund(refund: Refund, back: str) -> str:
    if not refund.is_pending:
        return ""
    values = {"refund_id": refund.id}
    good = do("refunds/settle", "It arrives", back=back, values=values)
    codes = select("failure_code", "Failure", [(code, code) for code in REFUND_FAILURES])
    bad = do(
        "refunds/settle",
        "It fails",
        back=back,
        values=values | {"outcome": "failed"},
        inputs=codes,
        look="decline",
    )
    return f'<div class="small">{good}{bad}</div>'


def transaction_row(transaction: Transaction, *, back: str) -> str:
    document = transaction.document
    sign = "" if document["cashflow"] == "MONEY_IN" else "−"
    fee = document["fee"]["xendit_fee"] + document["fee"]["value_added_tax"]
    notes = [document["type"].lower().replace("_", " "), document["status"].lower()]
    notes += [str(document[name]) for name in ("channel_code", "reference_id") if document[name]]
    if document["settlement_status"]:
        notes.append(f"settlement {document['settlement_status'].lower().replace('_', ' ')}")
    if fee:
        notes.append(f"fee {rupiah(fee)}, net {rupiah(document['net_amount'])}")
    head = f"<strong>{sign}{rupiah(document['amount'])}</strong>"
    said = escape(" · ".join(notes))
    return f"<li><p>{head} <span>{said}</span></p>\n{_bookkeeping(transaction, back)}</li>"


def _bookkeeping(transaction: Transaction, back: str) -> str:
    document = transaction.document
    values = {"payment_id": document["product_id"]}
    if document["type"] == "CHARGEBACK" and document["cashflow"] == "MONEY_OUT":
        returned = values | {"amount": document["amount"]}
        button = do("transactions/return", "The merchant wins it", back=back, values=returned)
        return f'<div class="small">{button}</div>'
    if document["type"] != "PAYMENT" or document["status"] != "SUCCESS":
        return ""
    settle = do("transactions/settle", "Settle", back=back, values=values)
    taken_back = "Reverse" if transaction.is_settled else "Void"
    buttons = (
        "" if transaction.settles_at is None else settle,
        do("transactions/charge-back", "Charge back", back=back, values=values, look="decline"),
        do("transactions/reverse", taken_back, back=back, values=values, look="decline"),
    )
    return f'<div class="small">{"".join(buttons)}</div>'
