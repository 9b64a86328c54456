"""What happens to a transaction: charged, paid, held, denied, expired, cancelled, refunded.

    pending ─ pay ─► settlement (cards: capture) ─ refund ─► partial_refund | refund
    pending ─ challenge ─► capture, held ─ pay | deny
    pending ─ deny ─► deny · time ─► expire · cancel ─► cancel

A page is not a transaction: one begins when its payer chooses, and another may after it has ended.
Each change and the notification of it are one transaction of the database.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shop.local.simulator.clock import Now
from shop.local.simulator.errors import Json

from . import rules
from .errors import CoreError, PageError, missing, unmodifiable
from .notifications import Announcer
from .store import MidtransStore, Page, Transaction

MERCHANT_ID = "G141532850"
# The bank's word on a refund comes a moment later, in a notification of its own.
CONFIRMED_AFTER = timedelta(seconds=1)


class Lifecycle:
    """`wake` tells the ticker that there may be something to do sooner than it thinks."""

    def __init__(
        self,
        store: MidtransStore,
        announcer: Announcer,
        *,
        public_url: str,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._announcer = announcer
        self._public_url = public_url
        self._now = now
        self._wake = wake

    # --- made ------------------------------------------------------------------------------------
    def charge(self, body: Json) -> Transaction:
        """Raises CoreError."""
        method = rules.checked_charge(body)
        end = rules.core_end(body, method, now=self._now())
        with self._store.transaction():
            self._refuse_used(body["transaction_details"]["order_id"])
            made = self._begin(method, body, end)
        self._wake()
        return made

    def _refuse_used(self, order_id: str) -> None:
        last = self._store.transaction_of(order_id)
        if (last and last.status != "cancel") or self._store.page_of(order_id):
            message = "The request could not be completed due to a conflict: order_id is utilized"
            raise CoreError(406, message)

    def open_page(self, body: Json) -> tuple[Page, str]:
        """The page and its address. Raises PageError."""
        method = rules.checked_page(body)
        page = Page(
            token=str(uuid.uuid4()),
            is_closed=False,
            expires_at=rules.page_end(body, method, now=self._now()),
            document=body,
        )
        with self._store.transaction():
            if self._store.page_of(page.order_id) or self._store.transaction_of(page.order_id):
                raise PageError(400, "transaction_details.order_id has already been taken")
            self._store.add_page(page)
        return page, f"{self._public_url}/snap/v4/redirection/{page.token}"

    def page(self, token: str) -> Page:
        found = self._store.page_of(token)
        if found is None or found.token != token:
            raise PageError(404, "token not found")
        return found

    def choose(self, page: Page) -> Transaction:
        """Its payer goes on to pay: only now is there a transaction. Raises PageError."""
        with self._store.transaction():
            last = self._store.transaction_of(page.order_id)
            if last and last.status == "pending":
                return last
            if self.is_over(page) or (last and last.status not in ("deny", "cancel", "expire")):
                raise PageError(400, "the page can no longer be paid on")
            method = rules.METHODS[page.document["enabled_payments"][0]]
            end = min(page.expires_at, self._now() + max(method.life, method.least))
            made = self._begin(method, page.document, end)
        self._wake()
        return made

    def is_over(self, page: Page) -> bool:
        return page.is_closed or page.expires_at <= self._now()

    def _begin(self, method: rules.Method, body: Json, end: datetime) -> Transaction:
        details, now = body["transaction_details"], self._now()
        document: Json = {
            "transaction_id": str(uuid.uuid4()),
            "order_id": details["order_id"],
            "merchant_id": MERCHANT_ID,
            "gross_amount": rules.written(details["gross_amount"]),
            "currency": "IDR",
            "payment_type": method.payment_type,
            "transaction_time": rules.local_time(now),
            "transaction_status": "pending",
            "fraud_status": "accept",
            "expiry_time": rules.local_time(end),
            **rules.payer_facts(method, details["gross_amount"]),
        }
        made = Transaction(document, expires_at=end, due_at=end)
        self._keep(made)
        return made

    # --- ended -----------------------------------------------------------------------------------
    def get(self, name: str) -> Transaction:
        found = self._store.transaction_of(name)
        if found is None:
            raise missing()
        return found

    def pay(
        self,
        name: str,
        *,
        amount: int | None = None,
        force_late: bool = False,
        force_duplicate: bool = False,
    ) -> Transaction:
        """Money arrives, of `amount` whole rupiah or as asked for. Late money only when forced;
        a second payment is a transaction of its own under the same order id."""
        with self._store.transaction():
            old = self.get(name)
            is_held = old.status == "capture" and old.document["fraud_status"] == "challenge"
            is_late = old.status in ("deny", "expire", "cancel")
            if old.status == "pending" or is_held or (is_late and force_late):
                paid = self._paid(old, amount)
            elif force_duplicate:
                again = old.but(transaction_id=str(uuid.uuid4()), refunds=[])
                paid = self._paid(again, amount)
            else:
                raise unmodifiable()
            self._keep(paid)
        self._wake()
        return paid

    def _paid(self, transaction: Transaction, amount: int | None) -> Transaction:
        changes: Json = {"transaction_status": "settlement", "fraud_status": "accept"}
        changes["settlement_time"] = rules.local_time(self._now())
        if transaction.document["payment_type"] == "credit_card":
            changes = {"transaction_status": "capture", "fraud_status": "accept"}
        if amount is not None:
            changes["gross_amount"] = rules.written(amount)
        return transaction.but(**changes)

    def challenge(self, name: str) -> Transaction:
        """The payment is suspicious: held until somebody decides."""
        return self._move(
            name, ("pending",), transaction_status="capture", fraud_status="challenge"
        )

    def deny(self, name: str) -> Transaction:
        return self._move(name, ("pending", "capture"), transaction_status="deny")

    def expire(self, name: str) -> Transaction:
        return self._move(name, ("pending",), transaction_status="expire")

    def cancel(self, name: str) -> Transaction:
        return self._move(name, ("pending", "authorize", "capture"), transaction_status="cancel")

    def _move(self, name: str, allowed: tuple[str, ...], **changes: Any) -> Transaction:
        with self._store.transaction():
            old = self.get(name)
            if old.status not in allowed:
                raise unmodifiable()
            moved = old.but(**changes)
            self._keep(moved)
        self._wake()
        return moved

    def close_page(self, token: str) -> str:
        """When that was. Raises PageError where it is not there any more, or its payer is in the
        middle of it."""
        with self._store.transaction():
            page = self.page(token)
            if page.is_closed:
                raise PageError(400, "token already canceled")
            last = self._store.transaction_of(page.order_id)
            if last and last.status == "pending":
                raise PageError(400, "transaction is on progress")
            self._store.close_page(token)
        return rules.local_time(self._now())

    # --- given back ------------------------------------------------------------------------------
    def refund(
        self, name: str, *, key: str, amount: int | None, reason: str
    ) -> tuple[Transaction, Json]:
        """The same key is the same refund. Raises CoreError."""
        with self._store.transaction():
            old = self.get(name)
            known = next((each for each in old.refunds if each["refund_key"] == key), None)
            left = old.gross_amount - sum(_whole(each) for each in old.refunds)
            wanted = left if amount is None else amount
            if known:
                if amount is not None and _whole(known) != amount:
                    raise CoreError(406, "Duplicate refund ID")
                return old, known
            self._refuse_refund(old, wanted, left)
            made: Json = {
                "refund_chargeback_id": uuid.uuid4().int % 10**9,
                "refund_chargeback_uuid": str(uuid.uuid4()),
                "refund_amount": rules.written(wanted),
                "created_at": rules.local_time(self._now()),
                "reason": reason,
                "refund_key": key,
                "refund_method": "online",
            }
            status = "refund" if wanted == left else "partial_refund"
            changed = old.but(
                transaction_status=status,
                refunds=[*old.refunds, made],
                due_at=self._now() + CONFIRMED_AFTER,
            )
            self._keep(changed)
        self._wake()
        return changed, made

    def _refuse_refund(self, transaction: Transaction, wanted: int, left: int) -> None:
        method = rules.METHODS[transaction.document["payment_type"]]
        if transaction.status not in ("settlement", "partial_refund") or not method.is_refundable:
            raise unmodifiable()
        is_part = wanted < transaction.gross_amount
        if not 0 < wanted <= left or (is_part and not method.refunds_parts):
            raise CoreError(414, "Refund request is rejected due to invalid amount")

    def confirm_refunds(self, name: str) -> Transaction:
        """The bank says that the money has left."""
        with self._store.transaction():
            old = self.get(name)
            said = {"bank_confirmed_at": rules.local_time(self._now())}
            confirmed = old.but(refunds=[said | each for each in old.refunds])
            self._keep(confirmed)
        self._wake()
        return confirmed

    # --- told -----------------------------------------------------------------------------------
    def send_again(self, transaction: Transaction) -> int:
        """All its notifications once more; how many those are."""
        sent = self._announcer.send_again(transaction)
        self._wake()
        return sent

    def forge(self, transaction: Transaction, *, changes: Json, is_signed: bool) -> None:
        """Announce what is not so."""
        self._announcer.forge(transaction, changes=changes, is_signed=is_signed)
        self._wake()

    # --- time ------------------------------------------------------------------------------------
    def sweep(self) -> datetime | None:
        """Do what the clock demands; return when it next demands something."""
        with self._store.transaction():
            for each in self._store.due(self._now()):
                if each.status == "pending":
                    self._keep(each.but(transaction_status="expire"))
                else:
                    self.confirm_refunds(each.id)
            return self._store.next_due()

    def _keep(self, transaction: Transaction) -> None:
        self._store.save(transaction)
        self._announcer.announce(transaction)


def _whole(refund: Json) -> int:
    return int(refund["refund_amount"].removesuffix(".00"))
