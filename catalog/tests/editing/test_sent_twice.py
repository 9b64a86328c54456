"""A form that books stock and is sent twice: a double click, or a retry on a bad line."""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from catalog.models import StockMovement, Variant
from catalog.tests.builders import make_location, make_value, make_variant, stock_of
from catalog.tests.editing.pages import (
    Fields,
    make_matrix,
    make_owner,
    messages_of,
    opened,
    post,
    read_form,
    saved,
    send,
    signed_in,
    stock_column,
)
from tests.racing import race

RECEIVE = "/admin/catalog/stockitem/receive/"


def delivery(staff: Client, variant: Variant, units: int) -> Fields:
    """The page of received goods, filled in."""
    fields = read_form(staff.get(RECEIVE, {"variant": variant.pk}).text, "receive")
    return fields | {
        f"units-{variant.pk}": str(units),
        "location": str(make_location().pk),
        "reason": "SJ-0042",
        "action": "save",
    }


def movements() -> list[int]:
    return list(StockMovement.objects.order_by("pk").values_list("quantity", flat=True))


@pytest.mark.django_db
def test_goods_that_are_sent_twice_come_in_once(staff: Client) -> None:
    variant = make_variant(on_hand=0)
    fields = delivery(staff, variant, 12)
    answers = [post(staff, RECEIVE, fields) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert movements() == [12]
    shown = messages_of(staff.get(answers[1].url).text)
    assert shown.count("12 units received.") == 2


@pytest.mark.django_db(transaction=True)
def test_goods_that_are_sent_twice_in_the_same_moment_come_in_once() -> None:
    variant = make_variant(on_hand=0)
    owner = make_owner()
    fields = delivery(signed_in(owner), variant, 12)
    browsers = [signed_in(owner) for _time in range(4)]
    answers: list[Any] = race([partial(post, browser, RECEIVE, fields) for browser in browsers])
    assert [answer.status_code for answer in answers] == [302] * 4
    assert movements() == [12]
    assert stock_of(variant) == (12, 0)


@pytest.mark.django_db
def test_another_delivery_on_the_same_page_is_booked_when_asked_for_again(staff: Client) -> None:
    variant = make_variant(on_hand=0)
    fields = delivery(staff, variant, 12)
    post(staff, RECEIVE, fields)

    answer = post(staff, RECEIVE, fields | {f"units-{variant.pk}": "5"})

    assert answer.status_code == 422
    assert "booked before, with other numbers" in messages_of(answer.text)
    assert movements() == [12]
    again = read_form(answer.text, "receive")
    assert again[f"units-{variant.pk}"] == "5"
    location = str(make_location().pk)
    assert again["location"] == location
    assert post(staff, RECEIVE, again | {"action": "save"}).status_code == 302
    assert movements() == [12, 5]


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x"])
def test_goods_without_a_token_are_not_booked(staff: Client, token: str) -> None:
    variant = make_variant(on_hand=0)
    answer = post(staff, RECEIVE, delivery(staff, variant, 12) | {"form_token": token})
    assert answer.status_code == 422
    assert movements() == []
    again = read_form(answer.text, "receive") | {"action": "save"}
    assert post(staff, RECEIVE, again).status_code == 302
    assert movements() == [12]


@pytest.mark.django_db
def test_a_refused_delivery_uses_up_nothing(staff: Client) -> None:
    variant = make_variant(on_hand=0)
    fields = delivery(staff, variant, 12)
    assert post(staff, RECEIVE, fields | {f"units-{variant.pk}": "many"}).status_code == 422
    assert post(staff, RECEIVE, fields).status_code == 302
    assert movements() == [12]


@pytest.mark.django_db
def test_one_colleague_cannot_use_up_the_token_of_another(staff: Client) -> None:
    variant = make_variant(on_hand=0)
    fields = delivery(staff, variant, 12)
    post(signed_in(), RECEIVE, fields)
    post(staff, RECEIVE, fields)
    assert movements() == [12, 12]


@pytest.mark.django_db
def test_variants_that_are_saved_twice_are_saved_once_and_told_the_same(staff: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    fields = opened(staff, product) | {f"v{variant.pk}-{stock_column(variant)}": "8"}
    fields |= {"reason": "counted"}
    assert saved(staff, product, fields) == "Variants saved: 1 stock."
    assert saved(staff, product, fields) == "Variants saved: 1 stock."
    assert stock_of(variant) == (8, 0)
    assert movements() == [10, -2]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_save_is_one_save() -> None:
    product, [variant] = make_matrix(on_hand=10)
    owner = make_owner()
    fields = opened(signed_in(owner), product) | {
        f"v{variant.pk}-{stock_column(variant)}": "8",
        "reason": "counted",
    }
    browsers = [signed_in(owner) for _time in range(4)]
    answers: list[Any] = race([partial(send, browser, product, fields) for browser in browsers])
    assert [answer.status_code for answer in answers] == [302] * 4
    assert movements() == [10, -2]


@pytest.mark.django_db
def test_the_first_stock_of_a_new_variant_that_is_saved_twice_is_received_once(
    staff: Client,
) -> None:
    product, _variants = make_matrix(sizes=["S"], on_hand=0)
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    fields = read_form(send(staff, product, fields, "rows").text)
    [stock] = [name for name in fields if name.startswith("n") and "-stock-" in name]
    fields |= {stock: "50", "kind": "corrected"}
    saved(staff, product, fields)
    saved(staff, product, fields)
    assert movements() == [50]


@pytest.mark.django_db
def test_after_a_conflict_the_stock_counts_from_what_is_there_now(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"], on_hand=10)
    column = stock_column(small)
    mine = opened(staff, product) | {f"v{small.pk}-{column}": "8", "reason": "counted"}
    theirs = opened(staff, product) | {f"v{each.pk}-{column}": "7" for each in (small, large)}
    saved(staff, product, theirs | {"reason": "counted"})

    answer = send(staff, product, mine)

    assert answer.status_code == 409
    assert answer.text.count("now: 7") == 1
    shown = read_form(answer.text)
    assert (shown[f"v{small.pk}-{column}"], shown[f"v{large.pk}-{column}"]) == ("8", "7")
    saved(staff, product, shown)
    assert (stock_of(small), stock_of(large)) == ((8, 0), (7, 0))


@pytest.mark.django_db
def test_a_page_that_was_saved_before_with_other_contents_shows_what_the_shop_has(
    staff: Client,
) -> None:
    product, [variant] = make_matrix(on_hand=10)
    sku = f"v{variant.pk}-sku"
    fields = opened(staff, product)
    saved(staff, product, fields | {sku: "ONE"})
    answer = send(staff, product, fields | {sku: "TWO"})
    assert answer.status_code == 409
    assert "You have saved this page before." in messages_of(answer.text)
    assert "now: ONE" in answer.text
    saved(staff, product, read_form(answer.text))
    variant.refresh_from_db()
    assert variant.sku == "TWO"
