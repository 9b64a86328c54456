"""Staff changes many products in the browser: choose, look, do, undo."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.bulk_changes import MAX_VARIANTS
from catalog.models import BulkChange, Price, Product
from catalog.tests.builders import (
    make_category,
    make_location,
    make_product,
    make_variant,
    stock_of,
)
from catalog.tests.bulk_changes.builders import claim, do, lower, price_of, sell, set_price
from catalog.tests.editing.pages import make_staff, signed_in

pytestmark = pytest.mark.django_db

PRODUCTS = reverse("admin:catalog_product_changelist")
BEGIN = reverse("admin:catalog_bulkchange_add")
CHANGES = reverse("admin:catalog_bulkchange_changelist")

Form = dict[str, Any]


def tick(client: Client, *products: Product, query: str = "", everything: bool = False) -> Any:
    """Choose the action for the ticked rows of the product list."""
    return client.post(
        PRODUCTS + query,
        {
            "action": "bulk_change_action",
            "_selected_action": [product.pk for product in products],
            "select_across": int(everything),
            "index": 0,
        },
    )


def filled(answer: Any, kind: str, **fields: object) -> Form:
    """The form as the page gave it, filled in for one kind of change."""
    draft = answer.context["draft"]
    [section] = [each for each in draft.sections() if each.kind == kind]
    form: Form = {"selection": draft.selection, "kind": kind}
    for field in section.form:
        # A browser sends the first of the choices where none is chosen.
        choices = getattr(field.field, "choices", None)
        form[field.html_name] = field.value() or (next(iter(choices))[0] if choices else "")
    return form | {f"{kind}-{name}": value for name, value in fields.items()}


def look(client: Client, form: Form) -> Any:
    return client.post(BEGIN, form | {"step": "preview"})


def decide(client: Client, form: Form, looked: Any, **more: object) -> Any:
    return client.post(
        BEGIN, form | {"plan": looked.context["signed_plan"], "step": "apply"} | more
    )


def detail_of(change: BulkChange) -> str:
    return reverse("admin:catalog_bulkchange_change", args=[change.pk])


def undo_of(change: BulkChange) -> str:
    return reverse("admin:catalog_bulkchange_undo", args=[change.pk])


def test_ticked_products_get_ten_per_cent_off_after_a_look() -> None:
    client, shirt = signed_in(), make_variant(product=make_product("Kaos Polos"), price=149_000)
    other = make_variant(price=99_000)

    chosen = tick(client, shirt.product)
    assert "Kaos Polos" in chosen.text
    form = filled(chosen, "price", percent="10", step=1_000, compare_at="old_price")
    looked = look(client, form)
    for shown in ("Rp149.000", "Rp134.000", "−10.1 %", "Terracotta, M", shirt.sku):
        assert shown in looked.text
    assert price_of(shirt) == (149_000, None)

    done = decide(client, form, looked)

    change = BulkChange.objects.get()
    assert done.url == detail_of(change)
    assert change.summary == ("Price: −10 %, rounded to Rp1.000, old price crossed out · 1 variant")
    assert (price_of(shirt), price_of(other)) == ((134_000, 149_000), (99_000, None))


@pytest.mark.parametrize(("typed", "price"), [("99000", 99_000), ("Rp 99.000", 99_000)])
def test_an_amount_may_be_typed_as_people_write_it(typed: str, price: int) -> None:
    client, shirt = signed_in(), make_variant(price=149_000)
    form = filled(tick(client, shirt.product), "price", move="set", amount=typed)

    decide(client, form, look(client, form))

    assert price_of(shirt) == (price, None)


@pytest.mark.parametrize(
    ("kind", "fields", "name"),
    [
        ("price", {"move": "set", "amount": "99,5"}, "amount"),
        ("price", {"move": "set", "amount": ""}, "amount"),
        ("price", {"move": "lower_percent", "percent": ""}, "percent"),
        ("price", {"move": "keep"}, "compare_at"),
        ("stock", {"quantity": 5, "why": ""}, "why"),
        ("publication", {"action": "schedule"}, "publish_from"),
        (
            "publication",
            {"action": "schedule", "publish_until": "2020-01-01T00:00"},
            "publish_until",
        ),
        ("category", {"category": ""}, "category"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(kind: str, fields: Form, name: str) -> None:
    client, shirt = signed_in(), make_variant(price=149_000)
    form = filled(tick(client, shirt.product), kind, **fields)

    answer = look(client, form)

    assert answer.status_code == 422
    assert list(answer.context["draft"].form.errors) == [name]
    assert not BulkChange.objects.exists()


def test_a_sale_between_looking_and_doing_is_shown_instead_of_overwritten() -> None:
    client, shirt = signed_in(), make_variant(on_hand=9)
    place = make_location()
    form = filled(
        tick(client, shirt.product),
        "stock",
        location=place.pk,
        move="set",
        quantity=20,
        why="counted",
    )
    looked = look(client, form)
    sell(shirt, 1)

    refused = decide(client, form, looked)

    assert refused.status_code == 409
    assert "Something was sold or edited since" in refused.text
    assert [row.before for row in refused.context["rows"]] == ["8"]
    assert stock_of(shirt) == (8, 0)
    decide(client, form, refused)
    assert stock_of(shirt) == (20, 0)


def test_a_click_that_comes_twice_changes_once() -> None:
    client, shirt = signed_in(), make_variant(price=100_000)
    form = filled(tick(client, shirt.product), "price", percent="10")
    looked = look(client, form)

    first, second = decide(client, form, looked), decide(client, form, looked)

    assert first.url == second.url
    assert price_of(shirt) == (90_000, None)


def test_staff_says_aloud_that_some_are_left_out() -> None:
    client, product = signed_in(), make_product()
    free, held = make_variant(product=product, on_hand=6), make_variant(product=product, on_hand=6)
    claim(held, 5)
    form = filled(
        tick(client, product),
        "stock",
        location=make_location().pk,
        move="take",
        quantity=2,
        why="broken",
    )
    looked = look(client, form)
    assert "less than what open orders have reserved" in looked.text

    assert decide(client, form, looked).status_code == 422
    assert (stock_of(free), stock_of(held)) == ((6, 0), (6, 5))

    assert decide(client, form, looked, leave_out="on").status_code == 302
    assert (stock_of(free), stock_of(held)) == ((4, 0), (6, 5))


def test_all_that_match_the_filter_can_be_taken_with_one_address() -> None:
    client = signed_in()
    tops = make_category("Atasan")
    inside = [make_product(category=tops) for _number in range(3)]
    make_product(category=make_category("Rok"))

    answer = client.get(BEGIN, {"category": tops.pk})

    assert sorted(answer.context["draft"].product_pks) == [product.pk for product in inside]


def test_all_pages_of_the_list_can_be_ticked() -> None:
    client = signed_in()
    shirts = [make_product(f"Kaos {number}") for number in range(3)]
    make_product("Rok")

    answer = tick(client, shirts[0], query="?q=kaos", everything=True)

    assert len(answer.context["draft"].product_pks) == 3
    assert f"{BEGIN}?q=kaos" in answer.text


def test_too_many_are_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.bulk_changes.plans.MAX_VARIANTS", 2)
    client, products = signed_in(), [make_product() for _number in range(3)]

    answer = client.get(BEGIN, follow=True)
    assert "At most 2 variants" in answer.text
    assert tick(client, *products).url == PRODUCTS
    assert MAX_VARIANTS == 5_000


@pytest.mark.parametrize("form", [{}, {"kind": "price", "selection": "1"}, {"kind": "x"}])
def test_a_form_that_nobody_gave_out_leads_back_to_the_list(form: Form) -> None:
    answer: Any = signed_in().post(BEGIN, form)
    assert answer.url == PRODUCTS


def test_a_plan_that_was_tampered_with_is_not_carried_out() -> None:
    client, shirt = signed_in(), make_variant(price=100_000)
    form = filled(tick(client, shirt.product), "price", percent="10")
    look(client, form)

    forged: Any = client.post(BEGIN, form | {"plan": "forged", "step": "apply"})
    assert forged.url == PRODUCTS
    assert client.post(BEGIN, form | {"step": "apply"}).status_code == 409
    assert price_of(shirt) == (100_000, None)


def test_the_way_back_to_the_form_keeps_what_was_typed() -> None:
    client, shirt = signed_in(), make_variant()
    form = filled(tick(client, shirt.product), "price", percent="12,5")

    answer = client.post(BEGIN, form | {"step": "edit"})

    assert answer.status_code == 200
    assert answer.context["draft"].form["percent"].value() == "12,5"


def test_many_lines_come_in_pages() -> None:
    client, product = signed_in(), make_product()
    for number in range(101):
        make_variant(product=product, price=100_000 + number, size=None, colour=None, on_hand=0)
    form = filled(tick(client, product), "price", percent="10")
    first = look(client, form)
    assert (len(first.context["rows"]), "Page 1 of 2" in first.text) == (100, True)

    second = client.post(BEGIN, form | {"plan": first.context["signed_plan"], "page": 2})

    assert (second.status_code, len(second.context["rows"])) == (200, 1)


def test_the_list_of_changes_says_who_did_what_and_what_was_undone() -> None:
    client = signed_in()
    change = do(lower(10), make_variant().product)
    client.post(undo_of(change))

    page = client.get(CHANGES).text

    assert change.actor
    for shown in (change.summary, change.actor.email, f"Undone: {change.summary}", "Undone 2"):
        assert shown in page


def test_undoing_in_the_browser() -> None:
    client, shirt = signed_in(), make_variant(price=149_000)
    change = do(set_price(99_000), shirt.product)
    assert "Undo this change" in client.get(detail_of(change)).text

    answer = client.post(undo_of(change), follow=True)

    assert price_of(shirt) == (149_000, None)
    assert "Undone:" in answer.text
    assert "Undo this change" not in client.get(detail_of(change)).text
    assert client.post(undo_of(change)).status_code == 409


def test_what_has_changed_since_is_listed_and_the_others_can_be_undone() -> None:
    client, product = signed_in(), make_product("Kaos Polos")
    kept, edited = make_variant(product=product), make_variant(product=product)
    change = do(set_price(99_000), product)
    opened = client.get(detail_of(change))
    assert opened.context["undo"].refused == []
    Price.objects.filter(variant=edited, valid_until=None).update(amount_minor=88_000)

    refused = client.post(undo_of(change))

    assert refused.status_code == 409
    [row] = refused.context["refused"]["rows"]
    assert (row.name, row.before, row.after) == ("Kaos Polos (en)", "Rp88.000", "Rp149.000")
    assert (price_of(kept), price_of(edited)) == ((99_000, None), (88_000, None))
    client.post(undo_of(change), {"others": 1})
    assert (price_of(kept), price_of(edited)) == ((149_000, None), (88_000, None))


def test_a_change_of_what_is_deleted_can_still_be_read() -> None:
    client, product = signed_in(), make_product()
    shirt = make_variant(product=product, on_hand=0)
    change = do(lower(10), product)
    shirt.stock_items.all().delete()
    shirt.delete()

    page = client.get(detail_of(change))

    assert "(deleted)" in page.text
    assert "does not exist any more" in page.text


@pytest.mark.parametrize(
    "permissions",
    [
        ("catalog.view_bulkchange", "catalog.change_product", "catalog.view_product"),
        ("catalog.view_bulkchange", "catalog.add_bulkchange", "catalog.view_product"),
    ],
)
def test_who_may_not_change_products_may_look_only(permissions: tuple[str, ...]) -> None:
    shirt = make_variant(price=149_000)
    change = do(set_price(99_000), shirt.product)
    client = signed_in(make_staff(*permissions))

    assert "Undo this change" not in client.get(detail_of(change)).text
    assert client.get(BEGIN).status_code == 403
    assert client.post(undo_of(change)).status_code == 403
    assert price_of(shirt) == (99_000, None)


def test_a_stranger_sees_nothing() -> None:
    change = do(lower(10), make_variant().product)
    client = signed_in(make_staff("catalog.view_product"))

    for page in (CHANGES, detail_of(change), BEGIN):
        assert client.get(page).status_code == 403


def test_the_pages_cost_as_many_queries_for_many_variants_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, product = signed_in(), make_product()
    make_variant(product=product)

    def walk() -> None:
        form = filled(tick(client, product), "price", percent="10")
        answer = decide(client, form, look(client, form))
        assert client.get(answer.url).status_code == 200

    with django_assert_max_num_queries(75) as for_one:
        walk()
    for number in range(9):
        make_variant(product=product, size=f"ukuran-{number}")
    with django_assert_num_queries(len(for_one)):
        walk()
    assert Price.objects.filter(amount_minor=120_690).count() == 1
