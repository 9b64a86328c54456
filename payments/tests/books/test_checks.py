"""Each check finds what was broken behind the shop's back, and nothing in a shop that works."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import waiting
from catalog.models import StockItem, Variant
from catalog.tests.builders import make_variant
from orders.models import Order, OrderStatus, ReturnOutcome
from orders.placing import place_order
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart, make_checkout, make_contact, make_order
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff, two_sizes
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from orders.tests.receipts.builders import seal_all
from payments.books import CHECKS, differences
from payments.books.totals import replay
from payments.cod.settling import book_settled
from payments.desk.keeping import keep_unclaimed
from payments.models import PaymentReceipt
from payments.sellers.paying import record_payout
from payments.sellers.sharing import share_due
from payments.tasks import check_book
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.cod.builders import attempt_of, make_cod, sent
from payments.tests.cod.builders import only_line as only_settled
from payments.tests.credit.builders import buy, make_card
from payments.tests.desk.builders import unmatched
from payments.tests.reconciling.builders import settled_at_gateway
from payments.tests.sellers.test_sharing import terms
from payments.tests.transfers.builders import await_transfer, only_line, open_account
from payments.transfers.booking import book_line
from shop.core.models import Heartbeat
from shop.core.money import Money

pytestmark = pytest.mark.django_db

# Check → what breaks it. Where one wrong row contradicts two others, both are told.
BROKEN = {
    "stock-movements": "UPDATE catalog_stockitem SET on_hand = on_hand + 1",
    "stock-sold": "UPDATE catalog_stockmovement SET kind = 'corrected' WHERE kind = 'sold'",
    "stock-reserved": "UPDATE catalog_stockitem SET reserved = reserved + 1"
    " WHERE on_hand > reserved",
    "reservation-holders": "UPDATE catalog_waiting SET state = 'lapsed' WHERE state = 'offered'",
    "order-goods stock-sold": "UPDATE catalog_reservation SET state = 'released'"
    " WHERE state = 'committed'",
    "order-sums": "UPDATE orders_order SET tax_minor = tax_minor + 1 WHERE status = 'pending'",
    "order-steps order-replay": "DELETE FROM orders_adjustment WHERE kind = 'shipping'",
    "order-replay": "UPDATE orders_order SET"
    " basket = jsonb_set(basket, '{items,0,unit_minor}', '148999')",
    "promotion-uses": "UPDATE orders_promotion SET uses = uses + 1 WHERE max_uses > uses",
    "coupon-uses": "UPDATE orders_coupon SET uses = uses + 1 WHERE max_uses > uses",
    "promotion-use-states": "UPDATE orders_promotionuse SET state = 'taken' FROM orders_order o"
    " WHERE o.id = order_id AND o.status = 'expired' AND amount_minor = 7450",
    "promotion-turns": "UPDATE orders_promotionuser SET promotion_id ="
    " (SELECT min(id) FROM orders_promotion)",
    "promotion-amounts": "UPDATE orders_promotionuse SET amount_minor = amount_minor + 1",
    "ledger-balance": "UPDATE payments_ledgerentry SET amount_minor = amount_minor + 1"
    " WHERE account_id = 'sales'",
    "ledger-receipts": "UPDATE payments_paymentreceipt SET amount_minor = amount_minor + 1"
    " WHERE gateway = 'xendit' AND order_id IS NOT NULL",
    "ledger-unfounded ledger-receipts gateway-ledger": "UPDATE payments_ledgertransaction"
    " SET external_key = 'receipt:xendit:py:none' || id WHERE kind = 'receipt'",
    "ledger-sales": "UPDATE payments_ledgertransaction SET external_key = 'sale:none' || id"
    " WHERE kind = 'sale' AND order_id IN (SELECT id FROM orders_order WHERE collect_minor = 0)",
    "customer-funds": "UPDATE payments_ledgertransaction SET order_id = NULL"
    " WHERE kind = 'receipt'",
    "ledger-refunds": "UPDATE orders_refunddue SET paid_at = now(), paid_on = now()"
    " WHERE paid_at IS NULL",
    "cod-receivable": "UPDATE orders_order SET collect_minor = collect_minor - 1"
    " WHERE collect_minor > 0",
    "settlement-lines": "UPDATE payments_settlementline SET fee_minor = fee_minor + 1",
    "receipts-owned funds-owned unmatched-owned": "UPDATE payments_paymentexception"
    " SET receipt_id = NULL",
    "funds-owned": "UPDATE payments_paymentexception SET resolved_at = now()"
    " WHERE order_id IS NOT NULL",
    "unmatched-owned": "UPDATE payments_paymentexception SET resolved_at = now()"
    " WHERE order_id IS NULL",
    "unclaimed-kept": "UPDATE payments_ledgeradjustment SET amount_minor = amount_minor + 1",
    "receipts-refunded": "UPDATE payments_refund SET amount_minor = amount_minor + 1",
    "refunds-payable refunds-unfounded": "UPDATE payments_ledgertransaction"
    " SET external_key = 'refund-requested:0' WHERE external_key IN"
    " (SELECT 'refund-requested:' || id FROM payments_refund WHERE due_id IS NULL)",
    "transfer-lines": "UPDATE payments_statementline SET amount_minor = amount_minor + 1",
    "transfer-suffixes": "UPDATE payments_paymentreceipt SET suffix_minor = suffix_minor + 1"
    " WHERE suffix_minor > 0",
    "credit-balances": "UPDATE payments_creditaccount SET balance_minor = balance_minor + 1",
    "credit-postings credit-unfounded": "UPDATE payments_ledgertransaction"
    " SET external_key = 'credit:none' || id WHERE kind = 'credit'",
    "credit-receipts credit-balances credit-postings": "UPDATE payments_creditmovement"
    " SET amount_minor = amount_minor - 1 WHERE kind = 'redeem'",
    "credit-returned receipts-refunded": "UPDATE payments_paymentreceipt SET refunded_minor = 0"
    " WHERE gateway = 'credit'",
    "gateway-ledger": "UPDATE payments_gatewaytransaction SET amount_minor = amount_minor + 1",
    "gateway-unfounded gateway-ledger": "UPDATE payments_ledgertransaction"
    " SET external_key = 'gateway:xendit:none:1' WHERE kind = 'gateway_fee'",
    "shipped": "UPDATE orders_shipmentline SET quantity = quantity + 1",
    "returned": "UPDATE orders_returnline SET quantity = 5, received_quantity = 5",
    "refunds-due": "UPDATE orders_refunddueline SET quantity = quantity + 5",
    "invoices": "UPDATE orders_invoice SET total_minor = total_minor + 1 WHERE kind = 'invoice'",
    "invoice-numbers": "UPDATE orders_invoice SET number = number + 1000",
    "seller-shares": "UPDATE payments_sellershare SET payable_minor = payable_minor + 1,"
    " goods_minor = goods_minor + 1",
    "seller-payouts": "UPDATE payments_sellerpayout SET amount_minor = amount_minor + 1",
    "seller-unfounded seller-payouts": "UPDATE payments_ledgertransaction"
    " SET external_key = 'seller-payout:0' WHERE kind = 'seller_payout'",
    "credit-notes": "UPDATE orders_creditline SET amount_minor = amount_minor + 1",
}


@pytest.fixture
def busy_shop(settings: Settings) -> None:
    """Something of everything: paid, open, ended, delivered, returned, waited for, reduced."""
    open_account(settings)
    make_promotion("Semua hemat", percent=5)
    make_promotion("Seratus pertama", percent=1, max_uses=100)
    make_coupon(max_uses=5, max_uses_per_customer=2)
    medium, large = two_sizes()
    delivered = _buy("siti@example.com", with_coupon=True, variant=medium, units=2)
    deliver(ship(delivered))
    settle(receive(ask_return(delivered), restock_item=None), ReturnOutcome.REFUND)
    exchanged = _buy("ani@example.com", variant=medium)
    deliver(ship(exchanged))
    settle(receive(ask_return(exchanged, exchange_for=large)), ReturnOutcome.EXCHANGE)
    make_order(status=OrderStatus.EXPIRED, lines={medium: 1})
    last = make_variant(on_hand=1)
    held = make_order(lines={last: 1}, contact=make_contact("budi@example.com"))
    waiting.join(
        variant_id=last.public_id,
        quantity=1,
        email="dewi@example.com",
        language="id",
        is_own=True,
    )
    close_unpaid(order_id=held.pk)
    make_order(lines={medium: 2, large: 1}, contact=make_contact("eko@example.com"))
    transfer = await_transfer(lines={medium: 1}, contact=make_contact("fina@example.com"))
    line = only_line(transfer.amount_minor)
    book_line(line_id=line.pk, attempt_id=transfer.pk, user_id=None)
    card = make_card(100_000)
    close_unpaid(
        order_id=buy(card.code, cart=make_cart({large: 1}), email="gita@example.com").order.pk
    )
    buy(card.code, cart=make_cart({large: 1}), email="hana@example.com")
    settings.COD_IS_OFFERED = True
    _pay_at_the_door(medium)
    assert len(seal_all()) == 6
    settled_at_gateway(PaymentReceipt.objects.earliest("pk"))
    _share_with_seller(medium)
    _come_from_nobody()


def _come_from_nobody() -> None:
    kept = unmatched().exception
    keep_unclaimed(exception_id=kept.pk, words="nobody asks for it", user_id=staff().pk)
    unmatched()


def _share_with_seller(variant: Variant) -> None:
    """All was sold on terms, and some of it is paid out."""
    seller = variant.product.seller
    terms(seller, pays_after_days=0)
    share_due()
    record_payout(
        seller_id=seller.pk,
        amount=Money(1_000, "IDR"),
        paid_on=timezone.localdate(),
        reference="BCA 4711",
        user_id=staff().pk,
    )


def _pay_at_the_door(variant: Variant) -> None:
    """Two orders: of one the courier has handed the money over."""
    collected, on_its_way = (
        make_cod({variant: 1}, email=f"{name}@example.com") for name in ("indra", "hadi")
    )
    paid = only_settled(sent(collected).tracking_number, collected.total_minor, 5_000)
    book_settled(line_id=paid.pk, attempt_id=attempt_of(collected).pk, user_id=None)
    sent(on_its_way)


def _buy(email: str, *, variant: Variant, units: int = 1, with_coupon: bool = False) -> Order:
    """An order that is paid, and paid once more by mistake."""
    cart = make_cart({variant: units})
    checkout = make_checkout(with_code(cart) if with_coupon else cart, contact=make_contact(email))
    order = place_order(checkout=checkout, reserve_until=timezone.now() + timedelta(minutes=30))
    attempt = make_attempt(order)
    pay(attempt)
    pay(attempt, make_capture(order.total_minor))
    order.refresh_from_db()
    return order


def found() -> set[str]:
    return {difference.check for difference in differences()}


def found_once(statement: str) -> set[str]:
    """What is found after the statement, which is undone again."""
    with transaction.atomic():
        break_it(statement)
        names = found()
        transaction.set_rollback(True)
    return names


def break_it(statement: str) -> None:
    """As somebody with the database's own tools could: no trigger keeps history from changing."""
    with connection.cursor() as cursor:
        # What was posted so far is checked now, and not when it is broken.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_shop_in_which_everything_has_happened_has_its_books_right(busy_shop: None) -> None:
    said = StringIO()
    call_command("books_check", stdout=said)
    assert said.getvalue() == f"the books are right: {len(CHECKS)} checks, no difference\n"


def test_what_is_broken_is_named_and_nothing_else(busy_shop: None) -> None:
    named = {names: found_once(broken) for names, broken in BROKEN.items()}
    assert named == {names: set(names.split()) for names in BROKEN}
    assert found() == set()


@pytest.mark.breaks_books
def test_a_sale_that_got_no_invoice_is_named_after_some_days() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    check = [each for each in CHECKS if each.name == "invoices"]
    assert list(differences(check)) == []
    Order.objects.update(confirmed_at=timezone.now() - timedelta(days=4))
    [difference] = differences(check)
    assert difference.subject == f"order {order.number}"


def test_every_check_is_seen_to_find_something() -> None:
    assert {name for names in BROKEN for name in names.split()} == {each.name for each in CHECKS}


@pytest.mark.breaks_books
def test_differences_are_printed_with_what_to_look_at_and_fail_the_command() -> None:
    shirt = make_variant(on_hand=3)
    item = shirt.stock_items.get()
    break_it("UPDATE catalog_stockitem SET on_hand = 4")
    said = StringIO()
    with pytest.raises(CommandError, match=r"^1 differences; docs/operations\.md says what to do$"):
        call_command("books_check", stdout=said)
    first, second = said.getvalue().splitlines()
    assert first == f"stock-movements: stock item {item.pk}: 4 on hand, its movements sum to 3"
    assert second.startswith("  look at the movements of the stock item")


def test_a_night_without_differences_leaves_a_heartbeat_of_each_check() -> None:
    make_order()
    for check in CHECKS:
        check_book(check.name)
    names = Heartbeat.objects.filter(name__startswith="books:").values_list("name", flat=True)
    assert set(names) == {f"books:{check.name}" for check in CHECKS}


@pytest.mark.breaks_books
def test_a_difference_in_the_night_is_an_error_in_the_log_and_no_heartbeat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_variant(on_hand=3)
    break_it("UPDATE catalog_stockitem SET on_hand = 4")
    check_book("stock-movements")
    [record] = [each for each in caplog.records if each.message == "books_differ"]
    assert (record.levelname, vars(record)["number"]) == ("ERROR", 1)
    assert not Heartbeat.objects.exists()


def test_beat_asks_every_night() -> None:
    entry = current_app.conf.beat_schedule["check-books"]
    assert entry["task"] == "payments.check_books"


@pytest.mark.breaks_books
def test_batches_leave_no_gap(busy_shop: None) -> None:
    break_it("UPDATE catalog_stockitem SET on_hand = on_hand + 1")
    check = next(each for each in CHECKS if each.name == "stock-movements")
    first = StockItem.objects.earliest("pk").pk
    one_by_one = list(replace(check, batch=1).differences(first=first))
    assert one_by_one == list(check.differences())
    assert len(one_by_one) == 3


def test_computing_totals_again_takes_four_queries_for_any_number_of_orders(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        make_order(contact=make_contact(f"siti{number}@example.com"))
    with django_assert_num_queries(4):
        assert replay(0, 2**62) == []
