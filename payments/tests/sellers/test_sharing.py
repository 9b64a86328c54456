"""Goods that are not the shop's own: whose the money of a sale is, to the last unit."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models import Sum
from django.utils import timezone

from catalog.models import Seller
from catalog.tests.builders import make_product, make_seller, make_variant
from orders.calling_off import call_off
from orders.models import CallOffReason, Invoice, Order, ReturnOutcome
from orders.tests.builders import make_order
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff
from orders.tests.receipts.builders import make_pkp, seal_all, taxed
from payments.ledger.accounts import (
    COMMISSION,
    CUSTOMER_FUNDS,
    SALES,
    SELLER_PAYABLE,
    SHIPPING_INCOME,
    TAX_OUT,
)
from payments.models import LedgerEntry, SellerShare, SellerTerms
from payments.sellers.paying import TermsThere, agree, payable
from payments.sellers.sharing import share_due
from payments.tests.builders import make_attempt, pay
from payments.tests.cod.builders import make_cod, sent
from shop.core.money import Money
from tests.racing import race

pytestmark = pytest.mark.django_db


def terms(seller: Seller, *, days_ago: int = 0, **changes: Any) -> SellerTerms:
    values: dict[str, Any] = {
        "commission_bp": 1_250,
        "sends_itself": False,
        "pays_after_days": 14,
        "user_id": None,
    }
    since = timezone.localdate() - timedelta(days=days_ago)
    return agree(seller_id=seller.pk, since=since, **values | changes)


def sold(lines: Any) -> Order:
    order = make_order(lines=lines)
    pay(make_attempt(order))
    order.refresh_from_db()
    seal_all()
    return order


def balance(account: str) -> int:
    found = LedgerEntry.objects.filter(account=account)
    return int(found.aggregate(total=Sum("amount_minor", default=0))["total"])


def test_a_sale_is_its_sellers_less_the_commission_and_the_price_of_sending() -> None:
    mine, theirs = make_pkp("RONA"), make_pkp("Toko Ibu")
    terms(theirs)
    order = sold({taxed(149_000, seller=mine): 1, taxed(100_001, seller=theirs): 3})
    before = {code: balance(code) for code in (SALES, SHIPPING_INCOME, TAX_OUT)}
    assert share_due() == 1
    share = SellerShare.objects.get()
    paper = Invoice.objects.get(order=order, seller=theirs)
    group = order.groups.get(seller=theirs)
    line = order.lines.get(group=group)
    # 12.5 % of 300,003 is 37,500.375; the tax of sending stands on the seller's invoice.
    assert (share.goods_minor, share.commission_minor) == (300_003, 37_500)
    assert share.sending_minor == group.tax_minor > 0
    assert share.payable_minor == 300_003 + group.tax_minor - 37_500
    assert share.payable_on == timezone.localdate(order.confirmed_at) + timedelta(days=14)
    assert balance(SELLER_PAYABLE) == -share.payable_minor
    assert balance(COMMISSION) == -37_500
    assert balance(TAX_OUT) - before[TAX_OUT] == paper.tax_minor
    assert balance(SALES) - before[SALES] == 300_003 - line.tax_minor
    assert balance(SHIPPING_INCOME) == before[SHIPPING_INCOME]
    assert share_due() == 0


def test_who_sends_its_parcels_itself_is_paid_for_sending() -> None:
    theirs = make_pkp("Toko Ibu")
    terms(theirs, sends_itself=True, commission_bp=0)
    order = sold({taxed(seller=theirs): 1})
    share_due()
    assert payable(theirs.pk, "IDR") == order.total
    of_shop = (SALES, SHIPPING_INCOME, TAX_OUT, COMMISSION, CUSTOMER_FUNDS)
    assert [balance(code) for code in of_shop] == [0] * 5


def test_what_comes_back_in_many_steps_takes_back_the_commission_to_the_last_unit() -> None:
    theirs = make_pkp("Toko Ibu")
    terms(theirs, commission_bp=3_333)
    order = sold({taxed(100_001, seller=theirs): 3})
    deliver(ship(order))
    share_due()
    commissions = [SellerShare.objects.get().commission_minor]
    for _one_by_one in range(3):
        settle(receive(ask_return(order)), ReturnOutcome.REFUND)
        seal_all()
        assert share_due() == 1
        commissions.append(SellerShare.objects.latest("pk").commission_minor)
    assert commissions[0] == -sum(commissions[1:]) == 99_991
    group = order.groups.get()
    # What customers paid for sending is not given back with their goods.
    assert payable(theirs.pk, "IDR") == Money(group.tax_minor, "IDR")
    assert balance(SELLER_PAYABLE) == -group.tax_minor
    assert balance(COMMISSION) == 0
    assert balance(SALES) == 0


def test_what_is_paid_at_the_door_is_owed_once_it_has_left(settings: LazySettings) -> None:
    settings.COD_IS_OFFERED = True
    theirs = make_seller("Toko Ibu")
    terms(theirs)
    shirt = make_variant(product=make_product(seller=theirs), on_hand=9)
    order = make_cod({shirt: 1})
    called_off = make_cod({shirt: 1}, email="ani@example.com")
    seal_all()
    call_off(order_id=called_off.pk, reason=CallOffReason.CUSTOMER_ASKED, user_id=staff().pk)
    seal_all()
    assert share_due() == 0
    sent(order)
    assert share_due() == 1
    assert SellerShare.objects.get().paper.order_id == order.pk
    assert share_due() == 0


def test_terms_hold_for_what_was_sold_while_they_did() -> None:
    theirs = make_seller("Toko Ibu")
    shirt = make_variant(product=make_product(seller=theirs), price=100_000, on_hand=9)
    sold({shirt: 1})
    # Agreed on afterwards for what was sold before; others begin tomorrow.
    terms(theirs, days_ago=30, commission_bp=1_000)
    terms(theirs, days_ago=-1, commission_bp=9_000)
    assert share_due() == 1
    terms(theirs, days_ago=2, commission_bp=2_000)
    order = sold({shirt: 1})
    assert share_due() == 1
    found = SellerShare.objects.order_by("pk").values_list("commission_minor", flat=True)
    assert list(found.all()) == [10_000, 20_000]
    settle_all_of(order)
    assert list(found.all()) == [10_000, 20_000, -20_000]
    with pytest.raises(TermsThere):
        terms(theirs, days_ago=2)
    assert SellerTerms.objects.count() == 3


def settle_all_of(order: Order) -> None:
    call_off(order_id=order.pk, reason=CallOffReason.CUSTOMER_ASKED, user_id=staff().pk)
    seal_all()
    assert share_due() == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_share_each_sale_once() -> None:
    theirs = make_seller("Toko Ibu")
    terms(theirs)
    shirt = make_variant(product=make_product(seller=theirs), on_hand=9)
    for _order in range(3):
        sold({shirt: 1})
    assert sorted(map(str, race([share_due] * 4))) == ["0", "0", "0", "3"]
    assert SellerShare.objects.count() == 3
