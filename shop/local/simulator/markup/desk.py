"""The pages of somebody who runs the gateway: lists, bookkeeping, trouble."""

from collections.abc import Sequence
from html import escape

from shop.local.simulator.deliveries import Delivery
from shop.local.simulator.errors import Json
from shop.local.simulator.movable_clock import MovableClock
from shop.local.simulator.refund_store import Refund
from shop.local.simulator.session_store import Session
from shop.local.simulator.store import PaymentRequest
from shop.local.simulator.transaction_store import Transaction
from shop.local.simulator.troubles import API_MODES, CALLS, WEBHOOK, WEBHOOK_MODES, Trouble

from .frame import do, field, more, page, rupiah, section, select, time
from .rows import refund_row, request_row, session_row, transaction_row, webhook_row

MODE_WORDS = {
    "timeout_before": "no answer, and it was not done",
    "timeout_after": "no answer, but it was done",
    "error_after": "500, but it was done",
    "unavailable": "503, not done",
    "rate_limited": "429, not done",
    "slow": "answers late",
    "garbage": "done, answered with half a document",
    "reset_before": "connection reset, not done",
    "reset_after": "connection reset, but it was done",
    "lag": "reads an old copy",
    "duplicate": "more of the same, same id",
    "replay": "more of the same, new ids",
    "delay": "comes late",
    "reorder": "the next one overtakes it",
    "drop": "is lost",
    "wrong_token": "wrong token",
    "no_token": "no token",
    "truncate": "half a body",
}
STRAYS = (
    ("PAYMENT", "payment that only the books know"),
    ("ADJUSTMENT_ADD", "adjustment in our favour"),
    ("ADJUSTMENT_DEDUCT", "adjustment against us"),
    ("DISBURSEMENT", "disbursement"),
)
FORGERY = '{"event": "payment.capture", "data": {"reference_id": "", "payment_request_id": ""}}'


def index(
    opened: Sequence[PaymentRequest],
    over: Sequence[PaymentRequest],
    sessions: Sequence[Session],
    *,
    wanted: str,
) -> str:
    if wanted:
        found = [*map(session_row, sessions), *map(request_row, over)]
        title, lists = (
            "Search",
            section(f"Found for “{escape(wanted)}”", found, nothing="Nothing found."),
        )
    else:
        active = [session_row(each) for each in sessions if each.is_active]
        ended = [session_row(each) for each in sessions if not each.is_active]
        nothing = "None. Place an order in the shop, and it appears here."
        title = "Payment requests"
        rows = [*active, *map(request_row, opened)]
        lists = section("Open", rows, nothing=nothing) + section(
            "Over", [*map(request_row, over), *ended]
        )
    content = f"""<form class="search" action="/" method="get" role="search">
<label for="q">Virtual account number or reference</label>
<div><input id="q" name="q" value="{escape(wanted)}" autocomplete="off" inputmode="search">
<button type="submit">Find</button></div>
</form>
<h1>{title}</h1>
{lists}"""
    return page(title, content, here="/")


def refund_list(refunds: list[Refund]) -> str:
    here = "/desk/refunds"
    rows = [refund_row(each, back=here, with_link=True) for each in refunds]
    nothing = "None. The shop asks for them, or make one on the page of a payment."
    return page("Refunds", f"<h1>Refunds</h1>\n{_list(rows, nothing)}", here=here)


def money(transactions: list[Transaction], balance: int) -> str:
    here = "/desk/money"
    rows = [transaction_row(each, back=here) for each in transactions]
    withdraw = do(
        "transactions/withdraw",
        "Withdraw to the bank",
        back=here,
        inputs=field("amount", "Amount; empty for all", kind="amount"),
    )
    stray = do(
        "transactions/add",
        "Add to the books",
        back=here,
        inputs=select("type", "What", STRAYS)
        + field("amount", "Amount in rupiah", kind="amount")
        + field("reference_id", "Reference", "made-elsewhere"),
    )
    settle = do("transactions/settle", "Settle everything", back=here, values={"all": "on"})
    content = f"""<h1>Money</h1>
<p class="figure">Balance <strong>{rupiah(balance)}</strong></p>
<div class="small">{settle}</div>
{more("Withdraw, or add what nobody announced", f'<div class="stack">{withdraw}{stray}</div>')}
{_list(rows, "None. Whatever is paid appears here at once.")}"""
    return page("Money", content, here=here)


def webhook_list(deliveries: list[Delivery]) -> str:
    here = "/desk/webhooks"
    rows = [webhook_row(each, back=here, with_link=True) for each in deliveries]
    tokens = (("right", "right token"), ("wrong", "wrong token"), ("none", "no token"))
    forge = do(
        "webhooks/forge",
        "Send it",
        back=here,
        inputs="<label><span>Body, as it is</span>"
        f'<textarea name="raw" rows="5">{escape(FORGERY)}</textarea></label>'
        + select("token", "With", tokens)
        + field("webhook_id", "webhook-id; empty for a new one"),
    )
    content = f"""<h1>Webhooks</h1>
{more("Forge a webhook", f'<div class="stack">{forge}</div>')}
{_list(rows, "None yet.")}"""
    return page("Webhooks", content, here=here)


def _list(rows: list[str], nothing: str) -> str:
    listed = "\n".join(rows)
    return f'<ul class="rows">\n{listed}\n</ul>' if rows else f"<p>{nothing}</p>"


def trouble(armed: list[Trouble], chaos: Json | None, settings: Json, clock: MovableClock) -> str:
    here = "/desk/trouble"
    rows = [_armed(each, here) for each in armed]
    clear = do("faults/clear", "Clear all", back=here)
    all_clear = f'<div class="small">{clear}</div>' if armed else ""
    content = f"""<h1>Trouble</h1>
{section("Armed", rows, nothing="Nothing: all goes well.", more=all_clear)}
<section><h2>A call of the shop</h2><div class="stack">{_call_form(here)}</div></section>
<section><h2>A webhook</h2><div class="stack">{_webhook_form(here)}</div></section>
<section><h2>Chaos</h2><div class="stack">{_chaos(chaos, here)}</div></section>
<section><h2>Clock</h2><div class="stack">{_clock(clock, here)}</div></section>
<section><h2>Switches</h2><div class="stack">{_switches(settings, here)}</div></section>"""
    return page("Trouble", content, here=here)


def _armed(trouble: Trouble, here: str) -> str:
    on = f"{trouble.target} {trouble.event}".strip()
    notes = [MODE_WORDS[trouble.mode]]
    if trouble.seconds:
        notes.append(f"{trouble.seconds:g} s")
    if trouble.times > 1:
        notes.append(f"{trouble.times} times")
    if trouble.calls_left is not None:
        notes.append(f"{trouble.calls_left} left")
    if trouble.probability < 1:
        notes.append(f"probability {trouble.probability:g}")
    clear = do("faults/clear", "Clear", back=here, values={"id": trouble.id})
    said = escape(" · ".join(notes))
    return (
        f"<li><p><strong>{escape(on)}</strong> <span>{said}</span></p>"
        f'<div class="small">{clear}</div></li>'
    )


def _call_form(here: str) -> str:
    modes = [(mode, MODE_WORDS[mode]) for mode in API_MODES]
    inputs = select("on", "Which call", [(call, call) for call in CALLS])
    inputs += select("mode", "What happens", modes) + _how_often()
    return do("faults", "Arm", back=here, inputs=inputs)


def _webhook_form(here: str) -> str:
    modes = [(mode, MODE_WORDS[mode]) for mode in WEBHOOK_MODES]
    inputs = select("mode", "What happens", modes)
    inputs += field("event", "Event; empty for all") + field("times", "How many more", 1)
    return do("faults", "Arm", back=here, values={"on": WEBHOOK}, inputs=inputs + _how_often())


def _how_often() -> str:
    return (
        field("seconds", "Seconds; empty for the usual", kind="number")
        + field("calls", "For the next so many; empty for one", kind="amount")
        + field("probability", "Or until cleared, with a probability of 0 to 1", kind="number")
    )


def _chaos(chaos: Json | None, here: str) -> str:
    if chaos is not None:
        said = f"Seed {chaos['seed']}, intensity {chaos['intensity']:g}."
        return f"<p>{said}</p>" + do("chaos", "Calm down", back=here, values={"off": "on"})
    inputs = field("seed", "Seed; empty for a new one")
    inputs += field("intensity", "Intensity, 0 to 1", 0.15, kind="number")
    return do("chaos", "Make chaos", back=here, inputs=inputs)


def _clock(clock: MovableClock, here: str) -> str:
    said = f"{time(clock())}{', stopped' if clock.is_stopped else ''}."
    label, stop = ("Let it run", "off") if clock.is_stopped else ("Stop it", "on")
    inputs = field("days", "Days", kind="number") + field("hours", "Hours", kind="number")
    on = do("clock", "Let them pass", back=here, inputs=inputs)
    return f"<p>{said}</p>{on}{do('clock', label, back=here, values={'stop': stop})}"


def _switches(settings: Json, here: str) -> str:
    shapes = (("flat", "one envelope"), ("nested", "two envelopes"))
    inputs = (
        field("refund_delay", "Seconds until a refund arrives; 0 waits", settings["refund_delay"])
        + select(
            "refund_webhook_shape",
            "Refund webhooks",
            shapes,
            chosen=settings["refund_webhook_shape"],
        )
        + field("balance", "Balance: endless, computed, or an amount", settings["balance"])
        + field(
            "settlement_delay",
            "Settlement: calendar, or seconds after the payment",
            settings["settlement_delay"],
        )
        + field("rate_limit", "Calls per minute; 0 for no limit", settings["rate_limit"])
        + field("no_refunds", "Channels without refunds", ", ".join(settings["no_refunds"]))
        + field(
            "no_partial_refunds",
            "Channels without partial refunds",
            ", ".join(settings["no_partial_refunds"]),
        )
    )
    return do("settings", "Switch", back=here, inputs=inputs)
