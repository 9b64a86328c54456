"""Midtrans' own page for the payer, and one on which to play everybody else."""

from contextlib import suppress
from html import escape
from urllib.parse import urlencode

from shop.local.simulator.errors import ApiError
from shop.local.simulator.markup.frame import facts, grouped, refusal, rupiah, section
from shop.local.simulator.markup.frame import page as document
from shop.local.simulator.pages.answers import html
from shop.local.simulator.routing import Request, Response, Route, dispatch, redirect

from . import rules
from .errors import CoreError, PageError
from .lifecycle import Lifecycle
from .notifications import code_of
from .report import Reports
from .store import MidtransStore, Notification, Page, Transaction

HERE = "/midtrans/"
PREFIXES = ("/snap/v4/", HERE)
LISTED = 50
PAYER = (
    ("pay", "Pay", "The payer pays."),
    ("deny", "Decline", "The payer or the bank refuses."),
    ("challenge", "Hold as suspicious", "The payment waits for a decision."),
    ("close", "Close", "The payer goes away without deciding."),
)
OPEN = (
    *PAYER[:3],
    ("expire", "Let expire", "The time runs out now."),
    ("cancel", "Cancel", "The merchant cancels it on Midtrans’ pages."),
    ("forge", "Forge a notification", "It says that the money is there, signed with a wrong key."),
    ("lie", "Lie with a true signature", "The same, signed: the status itself is not covered."),
)
REFUND = ("refund", "Refund", "The merchant gives all of it back on Midtrans’ pages.")
PAID = (
    ("again", "Pay a second time", "As a bank’s error would."),
    ("resend", "Notify again", "Every notification once more."),
)
HELD = (PAYER[0], PAYER[1])
ENDED = (
    ("late", "Pay late", "The money comes all the same."),
    ("resend", "Notify again", "Every notification once more."),
)
BALANCE = (("withdraw", "Withdraw", "All that is settled goes to the merchant’s bank."),)
REPORT = (
    '<p><a href="/midtrans/report.csv">Report (CSV)</a>, to be read in by the shop’s staff.</p>'
)
BUTTONS = {
    "pending": OPEN,
    # A card's money that is not settled yet is not given back: its payment is cancelled.
    "capture": (OPEN[4], *PAID),
    "settlement": (REFUND, *PAID),
    "partial_refund": (REFUND, *PAID),
}


class Pages:
    def __init__(self, store: MidtransStore, lifecycle: Lifecycle, reports: Reports) -> None:
        self._store = store
        self._reports = reports
        self._lifecycle = lifecycle
        page, one = "/snap/v4/redirection/(?P<token>[^/]+)", "/midtrans/(?P<name>[^/]+)"
        self._routes = (
            Route("GET", page, self.page),
            Route("POST", f"{page}/(?P<verb>pay|deny|challenge|close)", self.play_payer),
            Route("GET", "/midtrans/", self.index),
            Route("GET", f"{HERE}report.csv", self.report),
            Route("POST", f"{HERE}withdraw", self.withdraw),
            Route("GET", one, self.transaction),
            Route("POST", f"{one}/(?P<verb>[a-z]+)", self.play),
        )

    def respond(self, request: Request) -> Response:
        try:
            return dispatch(self._routes, request)
        except ApiError as error:
            return html(refusal(error.message), status=error.status)
        except CoreError as error:
            return html(refusal(error.message), status=400)
        except PageError as error:
            return html(refusal("; ".join(error.messages)), status=error.status)

    # --- the payer's -----------------------------------------------------------------------------
    def page(self, _request: Request, token: str) -> Response:
        page = self._lifecycle.page(token)
        last = self._store.transaction_of(page.order_id)
        is_open = not self._lifecycle.is_over(page) and (last is None or last.status == "pending")
        method = rules.METHODS[page.document["enabled_payments"][0]]
        amount = rupiah(page.document["transaction_details"]["gross_amount"])
        status = last.status if last else ("open" if is_open else "closed")
        buttons = _forms(f"/snap/v4/redirection/{escape(token)}", PAYER) if is_open else ""
        way_back = f'<p><a href="{escape(page.finish_url)}">Back to the shop</a></p>'
        content = _article(amount, method.name, status, (("Order", page.order_id),), buttons)
        targets = [page.finish_url] if page.finish_url else []
        text = document(f"{amount}, {method.name}", content + (way_back if targets else ""))
        return html(text, form_targets=targets)

    def play_payer(self, _request: Request, token: str, verb: str) -> Response:
        page = self._lifecycle.page(token)
        if verb == "close":
            return redirect(page.finish_url or "/")
        # A second click finds it decided; the answer is then that of the first.
        with suppress(CoreError, PageError):
            chosen = self._lifecycle.choose(page).id
            moves = {"deny": self._lifecycle.deny, "challenge": self._lifecycle.challenge}
            moves.get(verb, self._lifecycle.pay)(chosen)
        return redirect(self._way_back(page))

    def _way_back(self, page: Page) -> str:
        """With what Midtrans appends, none of which anybody should believe."""
        last = self._store.transaction_of(page.order_id)
        if not page.finish_url or last is None:
            return f"/snap/v4/redirection/{page.token}"
        said = {"order_id": page.order_id, "status_code": code_of(last)}
        query = urlencode(said | {"transaction_status": last.status})
        return f"{page.finish_url}{'&' if '?' in page.finish_url else '?'}{query}"

    # --- everybody else's ------------------------------------------------------------------------
    def index(self, _request: Request) -> Response:
        transactions = self._store.transactions(limit=LISTED)
        begun = {each.order_id for each in transactions}
        pages = [each for each in self._store.pages(limit=LISTED) if each.order_id not in begun]
        rows = [_page_row(each) for each in pages if not self._lifecycle.is_over(each)]
        rows += [_row(each) for each in transactions]
        nothing = "None. Place an order whose method Midtrans collects, and it appears here."
        listing = section("Transactions and pages", rows, nothing=nothing)
        content = f"<h1>Midtrans</h1>\n{_forms(HERE.rstrip('/'), BALANCE)}\n{REPORT}\n{listing}"
        return html(document("Midtrans", content, here=HERE))

    def report(self, _request: Request) -> Response:
        """Everything so far, as the dashboard gives it to be downloaded."""
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="midtrans-report.csv"',
        }
        return Response(200, self._reports.csv().encode(), headers)

    def withdraw(self, _request: Request) -> Response:
        self._reports.withdraw()
        return redirect(HERE)

    def transaction(self, _request: Request, name: str) -> Response:
        shown = self._lifecycle.get(name)
        until = shown.document["expiry_time"] if shown.status == "pending" else ""
        told = (
            ("Order", shown.order_id),
            ("Transaction", shown.id),
            ("Virtual account", grouped(shown.va_number or "")),
            ("Can be paid until", until),
            *((f"Refund {each['refund_key']}", each["refund_amount"]) for each in shown.refunds),
        )
        is_held = shown.document["fraud_status"] == "challenge"
        buttons = HELD if is_held else BUTTONS.get(shown.status, ENDED)
        if not rules.METHODS[shown.document["payment_type"]].is_refundable:
            buttons = tuple(each for each in buttons if each != REFUND)
        amount, method = rupiah(shown.gross_amount), _method_name(shown)
        forms = _forms(f"/midtrans/{escape(shown.id)}", buttons)
        content = _article(amount, method, "held" if is_held else shown.status, told, forms)
        notified = self._store.notifications(transaction_id=shown.id, limit=LISTED)
        content += section("Notifications", map(_notification_row, notified))
        return html(document(f"{amount}, {method}", content, here=HERE))

    def play(self, _request: Request, name: str, verb: str) -> Response:
        shown = self._lifecycle.get(name)
        match verb:
            case "pay":
                self._lifecycle.pay(name)
            case "late":
                self._lifecycle.pay(name, force_late=True)
            case "again":
                self._lifecycle.pay(name, force_duplicate=True)
            case "refund":
                key = f"dashboard-{len(shown.refunds) + 1}"
                self._lifecycle.refund(name, key=key, amount=None, reason="from the dashboard")
            case "resend":
                self._lifecycle.send_again(shown)
            case "forge" | "lie":
                changes = {"transaction_status": "settlement", "status_code": "200"}
                self._lifecycle.forge(shown, changes=changes, is_signed=verb == "lie")
            case "deny" | "expire" | "cancel" | "challenge":
                getattr(self._lifecycle, verb)(name)
            case _:
                raise ApiError(404, "NOT_FOUND", "the simulator has no such address")
        return redirect(f"/midtrans/{shown.id}")


def _article(
    amount: str, method: str, status: str, told: tuple[tuple[str, str], ...], buttons: str
) -> str:
    return f"""<article>
<p class="status">{escape(status)}</p>
<h1>{amount}</h1>
<p class="channel">{escape(method)}</p>
{facts(told)}
{buttons}
</article>
"""


def _forms(address: str, buttons: tuple[tuple[str, str, str], ...]) -> str:
    forms = "\n".join(
        f'<form method="post" action="{address}/{action}">'
        f'<button class="{action}" type="submit" aria-describedby="{action}-hint">{label}</button>'
        f'<small id="{action}-hint">{hint}</small></form>'
        for action, label, hint in buttons
    )
    return f'<div class="buttons">\n{forms}\n</div>'


def _row(transaction: Transaction) -> str:
    amount = rupiah(transaction.gross_amount)
    return (
        f'<li><a href="/midtrans/{escape(transaction.id)}"><strong>{amount}</strong>'
        f" <span>{escape(_method_name(transaction))}</span></a>"
        f" <small>{escape(transaction.order_id)} · {escape(transaction.status)}</small></li>"
    )


def _notification_row(notification: Notification) -> str:
    tries = len(notification.tries)
    said = escape(notification.body["transaction_status"])
    state = f"{notification.state.lower().replace('_', ' ')}, tried {tries} times"
    error = notification.tries[-1]["error"] if tries else None
    return f"<li><p><strong>{said}</strong> <span>{state} {escape(error or '')}</span></p></li>"


def _page_row(page: Page) -> str:
    amount = rupiah(page.document["transaction_details"]["gross_amount"])
    return (
        f'<li><a href="/snap/v4/redirection/{escape(page.token)}"><strong>{amount}</strong>'
        f" <span>page</span></a> <small>{escape(page.order_id)} · not opened yet</small></li>"
    )


def _method_name(transaction: Transaction) -> str:
    return rules.METHODS[transaction.document["payment_type"]].name
