"""The pages on which somebody plays the payer: one payment request, one card session."""

from html import escape

from shop.local.simulator.deliveries import Delivery
from shop.local.simulator.refund_store import Refund
from shop.local.simulator.session_store import Session
from shop.local.simulator.sessions import APPROVED
from shop.local.simulator.store import PaymentRequest
from shop.local.simulator.transaction_store import Transaction

from .frame import check, do, facts, field, grouped, more, page, rupiah, section, select, time
from .rows import channel, refund_row, request_row, status, transaction_row, webhook_row

FAILURES = (
    "USER_DECLINED_PAYMENT",
    "INSUFFICIENT_BALANCE",
    "USER_DID_NOT_AUTHORIZE",
    "CHANNEL_UNAVAILABLE",
    "PARTNER_TIMEOUT_ERROR",
    "ACCOUNT_ACCESS_BLOCKED",
)
CARDS = {
    APPROVED: "4000 0000 0000 1091 — approved",
    "declined": "4000 0000 0000 0002 — declined by its bank",
    "no_funds": "4000 0000 0000 9995 — not enough money",
    "expired_card": "4000 0000 0000 0069 — expired",
    "3ds_failed": "4000 0000 0000 1109 — 3-D Secure fails",
}


def checkout(
    request: PaymentRequest,
    *,
    deliveries: list[Delivery],
    refunds: list[Refund],
    transactions: list[Transaction],
    shop_url: str | None,
) -> str:
    amount = rupiah(request.document["request_amount"])
    back = f"/checkout/{request.id}"
    content = f"""<article>
<p class="status {request.status.lower()}">{status(request)}</p>
<h1>{amount}</h1>
<p class="channel">{escape(channel(request))}</p>
{_facts(request)}
{_buttons(request)}
{_way_back(shop_url if not request.is_open else None)}
{more("Other ways it can go", _other_ways(request, back))}
</article>
{section("Money", [transaction_row(each, back=back) for each in transactions])}
{_refunds(refunds, transactions, back, request.id)}
{_webhooks(deliveries, back, {"payment_request_id": request.id})}"""
    return page(f"{amount}, {channel(request)}", content)


def _facts(request: PaymentRequest) -> str:
    document, properties = request.document, request.document["channel_properties"]
    phone = properties.get("account_mobile_number") or properties.get("mobile_number")
    return facts(
        (
            ("Virtual account", grouped(request.virtual_account_number or "")),
            ("In the name of", properties.get("display_name")),
            ("Phone", phone if document["channel_code"] == "OVO" else None),
            ("Reference", document["reference_id"]),
            ("Payment request", request.id),
            ("Can be paid until", time(request.expires_at) if request.is_open else None),
            ("Failure", document.get("failure_code")),
        )
    )


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


def _other_ways(request: PaymentRequest, back: str) -> str:
    values: dict[str, object] = {"payment_request_id": request.id}
    forced = values if request.is_open else values | {"force_late": "on", "force_duplicate": "on"}
    asked = request.document["request_amount"]
    amount = field("amount", "Amount in rupiah: less, more, or the same", asked, kind="amount")
    pay = do("pay", "Pay this amount", back=back, values=forced, inputs=amount)
    if not request.is_open:
        return f'<div class="stack">{pay}</div>'
    codes = select("failure_code", "Reason", [(code, code) for code in FAILURES])
    silent = check("silent", "tell nobody")
    fail = do("fail", "Fail so", back=back, values=values, inputs=codes + silent, look="decline")
    expire = do("expire", "Expire so", back=back, values=values, inputs=silent)
    return f'<div class="stack">{pay}{fail}{expire}</div>'


def _way_back(shop_url: str | None) -> str:
    return f'<p><a href="{escape(shop_url)}">Back to the shop</a></p>' if shop_url else ""


def _refunds(
    refunds: list[Refund], transactions: list[Transaction], back: str, request_id: str
) -> str:
    if not transactions:
        return ""
    amount = field("amount", "Amount; empty for all that is left", kind="amount")
    form = do(
        "refunds/create",
        "Refund in the dashboard",
        back=back,
        values={"payment_request_id": request_id},
        inputs=amount,
    )
    rows = [refund_row(each, back=back) for each in refunds]
    return section("Refunds", rows, nothing="None.", more=f'<div class="stack">{form}</div>')


def _webhooks(deliveries: list[Delivery], back: str, named: dict[str, object]) -> str:
    if not deliveries:
        return ""
    all_again = do("resend", "Send all again", back=back, values=named | {"same_id": "on"})
    replay = do("resend", "Replay all under new ids", back=back, values=named)
    rows = [webhook_row(each, back=back) for each in deliveries]
    buttons = f'<div class="small">{all_again}{replay}</div>' if len(deliveries) > 1 else ""
    return section("Webhooks", rows, more=buttons)


def session_page(
    session: Session, *, tried: list[PaymentRequest], deliveries: list[Delivery]
) -> str:
    document, back = session.document, f"/session/{session.id}"
    amount = rupiah(document["amount"])
    content = f"""<article>
<p class="status {session.status.lower()}">{status(session)}</p>
<h1>{amount}</h1>
<p class="channel">Pay by card</p>
{_session_facts(session)}
{_card_form(session)}
{more("Other ways it can go", _other_endings(session, back))}
</article>
{section("Cards tried", [request_row(each) for each in tried])}
{section("Webhooks", [webhook_row(each, back=back) for each in deliveries])}"""
    return page(f"{amount}, card", content)


def _session_facts(session: Session) -> str:
    document = session.document
    return facts(
        (
            ("Reference", session.reference_id),
            ("For", document.get("description")),
            ("Session", session.id),
            ("Can be paid until", time(session.expires_at) if session.is_active else None),
        )
    )


def _card_form(session: Session) -> str:
    """No number is typed here: somebody might type a real one."""
    if not session.is_active:
        url = session.document.get("success_return_url")
        return _way_back(str(url) if url and session.status == "COMPLETED" else None)
    cards = "".join(
        f'<label class="check"><input type="radio" name="outcome" value="{outcome}"'
        f"{' checked' if outcome == APPROVED else ''}><span>{words}</span></label>"
        for outcome, words in CARDS.items()
    )
    action = f"/session/{escape(session.id)}"
    return f"""<form class="card" method="post" action="{action}/pay">
<fieldset><legend>Card</legend>{cards}</fieldset>
<button class="approve" type="submit">Pay with this card</button></form>
<form class="card" method="post" action="{action}/leave"><button type="submit">Go back to the shop
without paying</button></form>"""


def _other_endings(session: Session, back: str) -> str:
    values: dict[str, object] = {"payment_session_id": session.id}
    if session.is_active:
        expire = do("sessions/expire", "Let expire", back=back, values=values)
        return f'<div class="stack">{expire}</div>'
    label = "Pay a second time" if session.status == "COMPLETED" else "Pay late"
    pay = do("sessions/card", label, back=back, values=values | {"force": "on"})
    return f'<div class="stack">{pay}</div>'
