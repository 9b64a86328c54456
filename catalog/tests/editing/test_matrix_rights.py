"""Who may change what in the table of variants, and what happens when two do it at once."""

import pytest
from django.test import Client

from catalog.models import (
    OptionValue,
    Price,
)
from catalog.tests.builders import (
    make_value,
    stock_of,
)
from catalog.tests.editing.pages import (
    make_matrix,
    make_staff,
    messages_of,
    opened,
    page_of,
    prices_of,
    read_form,
    saved,
    send,
    signed_in,
    stock_column,
)

pytestmark = pytest.mark.django_db


def test_who_may_change_products_but_not_stock_sees_it_only(client: Client) -> None:
    product, [variant] = make_matrix(on_hand=10)
    colleague = signed_in(make_staff("catalog.change_product"))
    fields = opened(colleague, product)
    assert not any("-stock-" in name for name in fields)
    assert ">10<" in colleague.get(page_of(product)).text
    saved(
        colleague,
        product,
        fields | {f"v{variant.pk}-price": "1.000", f"v{variant.pk}-{stock_column(variant)}": "99"},
    )
    assert prices_of(variant)[-1] == (1_000, None)
    assert stock_of(variant) == (10, 0)


def test_who_may_only_look_changes_nothing() -> None:
    product, [variant] = make_matrix()
    visitor = signed_in(make_staff("catalog.view_product"))
    page = visitor.get(page_of(product))
    assert page.status_code == 200
    assert f'name="v{variant.pk}-price"' not in page.text
    assert send(visitor, product, {f"v{variant.pk}-price": "1"}).status_code == 403
    assert prices_of(variant) == [(149_000, None)]


def test_a_colleague_without_the_right_does_not_see_the_page() -> None:
    product, _variants = make_matrix()
    stranger = signed_in(make_staff("orders.view_order"))
    assert stranger.get(page_of(product)).status_code == 403


def test_values_are_added_only_by_who_may() -> None:
    product, _variants = make_matrix()
    option = make_value("colour", "terakota").option
    colleague = signed_in(make_staff("catalog.change_product"))
    assert f'name="new-{option.pk}"' not in colleague.get(page_of(product)).text
    fields = opened(colleague, product) | {f"new-{option.pk}": "Hijau"}
    assert send(colleague, product, fields, f"add-{option.pk}").status_code == 403
    assert OptionValue.objects.filter(option=option).count() == 1


def test_a_form_from_elsewhere_is_refused() -> None:
    product, [variant] = make_matrix()
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    strict.force_login(make_staff("catalog.change_product"))
    fields = opened(strict, product)
    forged = {**fields, "csrfmiddlewaretoken": "x" * 64, f"v{variant.pk}-price": "1"}
    assert send(strict, product, forged).status_code == 403
    assert prices_of(variant) == [(149_000, None)]
    assert send(strict, product, fields).status_code == 302


def test_a_save_after_somebody_elses_is_refused_and_shows_what_differs(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"])
    mine = opened(staff, product) | {f"v{small.pk}-price": "99.000", f"v{small.pk}-sku": "MINE"}
    sari = signed_in(make_staff("catalog.change_product", email="sari@example.com"))
    saved(sari, product, opened(sari, product) | {f"v{small.pk}-price": "129.000"})

    answer = send(staff, product, mine)

    assert answer.status_code == 409
    text = messages_of(answer.text)
    assert "Somebody else has saved this product" in text
    assert "sari@example.com" in text
    assert "1 price" in text
    assert "now: 129.000" in answer.text
    shown = read_form(answer.text)
    assert shown[f"v{small.pk}-price"] == "99.000"
    assert shown[f"v{small.pk}-sku"] == "MINE"
    assert prices_of(small)[-1] == (129_000, None)
    assert prices_of(large) == [(149_000, None)]

    saved(staff, product, shown)
    assert prices_of(small)[-1] == (99_000, None)


def test_rows_that_a_colleague_has_made_meanwhile_take_over_what_was_typed(staff: Client) -> None:
    product, _variants = make_matrix(sizes=["S"])
    fields = opened(staff, product)
    fields["value"] = [*fields["value"], make_value("size", "L").pk]
    mine = read_form(send(staff, product, fields, "rows").text)
    [price] = [name for name in mine if name.startswith("n") and name.endswith("-price")]
    saved(staff, product, mine)

    answer = send(staff, product, mine | {price: "77.000"})

    assert answer.status_code == 409
    made = product.variants.latest("pk")
    assert read_form(answer.text)[f"v{made.pk}-price"] == "77.000"


def test_every_save_makes_open_pages_out_of_date(staff: Client) -> None:
    product, [variant] = make_matrix()
    before = product.updated_at
    saved(staff, product, opened(staff, product) | {f"v{variant.pk}-sku": "X"})
    product.refresh_from_db()
    assert product.updated_at > before


def test_a_page_without_its_token_is_refused(staff: Client) -> None:
    product, [variant] = make_matrix()
    fields = opened(staff, product) | {"seen": "yesterday", f"v{variant.pk}-price": "1"}
    assert send(staff, product, fields).status_code == 409
    assert Price.objects.count() == 1
