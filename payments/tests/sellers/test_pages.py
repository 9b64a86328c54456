"""Sellers' accounts over HTTP: terms, what is owed, and payouts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.builders import make_owner, make_staff
from catalog.models import Seller
from catalog.tests.builders import make_product, make_seller, make_variant
from orders.models import Order
from payments.models import LedgerTransaction, SellerPayout, SellerTerms
from payments.sellers.paying import MoreThanPayable, payable, record_payout
from payments.sellers.sharing import share_due
from payments.tests.ledger.test_pages import rows_of
from payments.tests.sellers.test_sharing import sold, terms
from shop.core.money import Money
from tests.racing import race

pytestmark = pytest.mark.django_db
LIST = "/admin/payments/sellerpayout/"


def signed_in(user: User | None = None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user or make_owner())
    return client


def owed(pays_after_days: int = 0) -> tuple[Seller, Order]:
    """100,000 of goods at 10 %: 90,000 are the seller's."""
    seller = make_seller("Toko Ibu")
    terms(seller, commission_bp=1_000, pays_after_days=pays_after_days)
    order = sold({make_variant(product=make_product(seller=seller), price=100_000): 1})
    share_due()
    return seller, order


def form(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    values = {"amount": "90.000", "paid_on": today, "reference": "BCA 4711"}
    return values | {"form_token": uuid4().hex} | changes


def test_terms_are_agreed_and_stand_in_the_list() -> None:
    seller, client = make_seller("Toko Ibu"), signed_in()
    assert [one.name for one in client.get(LIST).context["own"]] == ["Toko Ibu"]
    agreed = {
        "since": timezone.localdate().isoformat(),
        "percent": "12.5",
        "pays_after_days": "7",
        "sends_itself": "on",
        "form_token": uuid4().hex,
    }
    for _press in range(2):
        answer = client.post(f"{LIST}{seller.pk}/terms/", agreed)
        assert answer.status_code == 302
    found = SellerTerms.objects.get()
    assert (found.commission_bp, found.sends_itself, found.pays_after_days) == (1_250, True, 7)
    [account] = client.get(LIST).context["accounts"]
    assert (account.seller, account.due, str(account.terms)) == (seller, Money(0, "IDR"), "12.5 %")


def test_a_payout_is_booked_once_and_taken_off_what_is_owed() -> None:
    seller, order = owed()
    client, typed = signed_in(), form(amount="60.000")
    for _press in range(2):
        assert client.post(f"{LIST}{seller.pk}/payout/", typed).status_code == 302
    assert SellerPayout.objects.count() == 1
    assert payable(seller.pk, "IDR") == Money(30_000, "IDR")
    posting = LedgerTransaction.objects.get(kind="seller_payout")
    entries = posting.entries.order_by("account_id").values_list("account_id", "amount_minor")
    assert list(entries) == [("bank:main", -60_000), ("seller_payable", 60_000)]
    page = client.get(f"{LIST}{seller.pk}/")
    assert [(row.amount_minor, row.balance_minor) for row in page.context["rows"]] == [
        (-60_000, 30_000),
        (90_000, 90_000),
    ]
    sale, payout = rows_of(client.get(f"{LIST}{seller.pk}.csv"))
    assert (sale["order"], sale["goods"], sale["commission"]) == (order.number, "100000", "10000")
    assert (payout["paper or transfer"], payout["amount"]) == ("BCA 4711", "-60000")
    assert [sale["balance"], payout["balance"]] == ["90000", "30000"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "90.001"}, "Rp90.000 can be paid out to this seller today."),
        ({"amount": "0"}, "Rp90.000 can be paid out to this seller today."),
        ({"amount": "banyak"}, "errorlist"),
        ({"paid_on": "2126-01-01"}, "it cannot lie in the future"),
        ({"reference": ""}, "errorlist"),
        ({"form_token": ""}, "The page was too old"),
    ],
)
def test_what_makes_no_sense_is_said_and_books_nothing(changes: dict[str, str], said: str) -> None:
    seller, _order = owed()
    before = LedgerTransaction.objects.count()
    page = signed_in().post(f"{LIST}{seller.pk}/payout/", form(**changes))
    assert page.status_code == 422
    assert said in page.text
    assert "BCA 4711" in page.text or not changes.get("reference", "-")
    assert (SellerPayout.objects.count(), LedgerTransaction.objects.count()) == (0, before)


def test_nothing_is_paid_out_before_its_day() -> None:
    seller, _order = owed(pays_after_days=3)
    assert payable(seller.pk, "IDR") == Money(90_000, "IDR")
    on = timezone.localdate() + timedelta(days=3)
    assert [payable(seller.pk, "IDR", on=day).minor for day in (on - timedelta(1), on)] == [
        0,
        90_000,
    ]
    page = signed_in().post(f"{LIST}{seller.pk}/payout/", form(amount="1"))
    assert "Rp0 can be paid out to this seller today." in page.text
    assert not SellerPayout.objects.exists()


@pytest.mark.parametrize("name", ["terms", "payout"])
def test_whoever_only_looks_changes_nothing(name: str) -> None:
    seller, _order = owed()
    client = signed_in(make_staff("payments.view_sellerpayout"))
    page = client.get(f"{LIST}{seller.pk}/")
    assert (page.status_code, "<form class" in page.text) == (200, False)
    assert client.post(f"{LIST}{seller.pk}/{name}/", form()).status_code == 403
    assert (SellerPayout.objects.count(), SellerTerms.objects.count()) == (0, 1)
    stranger = signed_in(make_staff("orders.view_order"))
    urls = (LIST, f"{LIST}{seller.pk}/", f"{LIST}{seller.pk}.csv")
    assert [stranger.get(url).status_code for url in urls] == [403] * 3


@pytest.mark.django_db(transaction=True)
def test_the_same_money_is_not_paid_out_twice_by_many_at_once() -> None:
    seller, _order = owed()
    user = make_owner()

    def pay_all() -> object:
        return record_payout(
            seller_id=seller.pk,
            amount=Money(90_000, "IDR"),
            paid_on=timezone.localdate(),
            reference="BCA 4711",
            user_id=user.pk,
        )

    results = race([pay_all] * 4)
    assert sum(isinstance(result, MoreThanPayable) for result in results) == 3
    assert payable(seller.pk, "IDR") == Money(0, "IDR")
    assert SellerPayout.objects.count() == 1
