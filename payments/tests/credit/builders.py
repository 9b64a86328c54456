"""Gift cards, store credit and orders that are paid with them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zlib import crc32

from django.db.models import Sum

from accounts.models import User
from accounts.tests.builders import make_owner
from orders.models import Cart, Order
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact
from payments.books import differences
from payments.checkout import Placed, place_and_pay
from payments.credit.granting import Granted, grant_store_credit, issue_gift_card
from payments.credit.spending import CreditWish
from payments.models import CreditAccount, LedgerEntry
from payments.tests.invariants import check_invariants
from shop.core.idempotency import RequestKey
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Card:
    pk: int
    code: str

    @property
    def account(self) -> CreditAccount:
        return CreditAccount.objects.get(pk=self.pk)

    @property
    def balance(self) -> int:
        return self.account.balance_minor


def make_card(minor: int = 100_000, **fields: Any) -> Card:
    granted: Granted = issue_gift_card(
        amount=Money(minor, "IDR"), note="Undian Agustus", user_id=make_owner().pk, **fields
    )
    assert granted.grant.account is not None
    return Card(granted.grant.account.pk, granted.code)


def make_customer(email: str = "dewi@example.com") -> User:
    return User.objects.create_user(email=email)


def make_credit(customer: User, minor: int = 100_000) -> CreditAccount:
    granted = grant_store_credit(
        customer_id=customer.pk,
        amount=Money(minor, "IDR"),
        note="Maaf atas keterlambatan",
        user_id=make_owner().pk,
    )
    assert granted.grant.account is not None
    return CreditAccount.objects.get(pk=granted.grant.account.pk)


def buy(
    *codes: str,
    cart: Cart | None = None,
    email: str = "siti@example.com",
    method: str = "dana",
    key: str = "",
    **wish: Any,
) -> Placed:
    """Place a cart, paying with these cards first; the gateway is whatever the test has.

    Another e-mail is another person, at another address: nobody waits for anybody but at the card.
    """
    cart = cart or make_cart()
    number = crc32(email.encode()) % 10**8
    contact = make_contact(email, phone=f"0812{number:08d}")
    address = make_address(street=f"Jl. Braga No. {number}")
    checkout = make_checkout(cart, contact=contact, address=address)
    return place_and_pay(
        request=RequestKey("test", key or uuid4().hex, "hash"),
        cart_token=cart.token,
        contact=contact,
        address=address,
        shipping={key: option.code for key, option in checkout.shipping.items()},
        method=method,
        details={},
        expected_total=checkout.total,
        language="id",
        customer_id=cart.customer_id,
        credit=CreditWish(codes=" ".join(codes), network="10.0.0.1", **wish),
    )


def balances(order: Order | None = None) -> dict[str, int]:
    """The ledger's accounts that are not even; of one order, or of all."""
    rows = LedgerEntry.objects.all()
    rows = rows.filter(transaction__order=order) if order else rows
    sums = rows.values_list("account_id").annotate(total=Sum("amount_minor"))
    return {code: total for code, total in sums if total}


def check_books() -> None:
    assert [str(each) for each in differences()] == []
    check_invariants()
