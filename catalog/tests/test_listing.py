"""The derived table of what is on display follows each change, with its commit or soon after."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.inventory import OutOfStock, receive_stock, release, reserve
from catalog.listing import bits
from catalog.listing.follow_up import run_once
from catalog.listing.refresh import deferred, refresh
from catalog.models import (
    FacetBits,
    Listing,
    ListingChange,
    ListingSchedule,
    Price,
    Product,
    ProductAttribute,
    Seller,
    StaleListing,
    Variant,
)
from catalog.models.attribute import Attribute, AttributeValue
from catalog.tests.builders import (
    follow_up,
    make_category,
    make_image,
    make_price,
    make_product,
    make_value,
    make_variant,
)
from tests.racing import race

committing = pytest.mark.django_db(transaction=True)
pytestmark = pytest.mark.django_db


def tokens_of(product: Product) -> set[str]:
    return set(Listing.objects.values_list("tokens", flat=True).get(product=product))


def is_listed(product: Product) -> bool:
    return Listing.objects.filter(product=product).exists()


def shirt(**variant: Any) -> tuple[Product, Variant]:
    product = make_product()
    return product, make_variant(product=product, **variant)


def test_a_listing_has_a_token_for_all_that_it_is_filtered_by() -> None:
    women = make_category("Wanita")
    product = make_product(category=make_category("Kemeja", parent=women))
    linen = AttributeValue.objects.create(
        attribute=Attribute.objects.create(code="material"), code="linen"
    )
    ProductAttribute.objects.create(product=product, value=linen)
    make_variant(product=product, colour="navy", size="S", price=149_000, compare_at=200_000)
    make_variant(product=product, colour="terakota", size="M", price=200_000, on_hand=0)
    navy, small = make_value("colour", "navy").pk, make_value("size", "S").pk
    terracotta, medium = make_value("colour", "terakota").pk, make_value("size", "M").pk

    assert tokens_of(product) == {
        "*",
        "+",
        "d",
        "r1",
        "p140000",
        f"c{women.pk}",
        f"c{product.category_id}",
        f"s{product.seller_id}",
        f"a{linen.pk}",
        f"v{navy}",
        f"v{navy}+",
        f"v{small}",
        f"v{small}+",
        f"v{navy}.{small}",
        f"v{navy}.{small}+",
        f"v{terracotta}",
        f"v{medium}",
        f"v{terracotta}.{medium}",
    }


def test_a_sale_of_the_last_unit_is_seen_with_its_own_commit() -> None:
    product, variant = shirt(on_hand=1)
    item = variant.stock_items.get()
    holder = uuid.uuid4()

    reserve(holder=holder, quantities={item.pk: 1}, until=timezone.now())
    assert "+" not in tokens_of(product)
    assert not Listing.objects.get().is_available

    release(holder=holder)
    assert "+" in tokens_of(product)


def test_every_kind_of_change_is_followed() -> None:
    product, variant = shirt(price=149_000)
    before = Listing.objects.get()

    Price.objects.filter(variant=variant).update(amount_minor=99_000)
    assert Listing.objects.get().price_minor == 99_000
    product.translations.filter(language="id").update(name="Baju Bodo", slug="baju-bodo")
    assert Listing.objects.get().card["text"]["id"]["name"] == "Baju Bodo"
    make_image(product)
    assert Listing.objects.get().card["image"]["width"] == 900
    Product.objects.update(rating_sum=9, rating_count=2)
    assert Listing.objects.get().card["rating"] == [9, 2]
    make_value("colour", "terakota").translations.filter(language="id").update(name="Bata")
    assert Listing.objects.get().card["text"]["id"]["swatches"] == ["Bata"]
    product.category = make_category("Pria")
    product.save(update_fields=["category"])
    assert f"c{product.category_id}" in tokens_of(product)
    Variant.objects.update(is_active=False)
    assert not is_listed(product)
    Variant.objects.update(is_active=True)
    Seller.objects.update(is_active=False)
    assert not is_listed(product)
    Seller.objects.update(is_active=True)
    assert Listing.objects.get().created_at == before.created_at
    variant.prices.all().delete()
    assert not is_listed(product)


def test_a_deleted_product_leaves_nothing() -> None:
    product, _variant = shirt()
    Product.objects.filter(pk=product.pk).update(is_published=False)
    assert not is_listed(product)
    follow_up()

    assert not FacetBits.objects.exists()
    assert not StaleListing.objects.exists()


@committing
def test_what_begins_or_ends_by_itself_is_followed_when_it_is_due() -> None:
    soon = timezone.now() + timedelta(hours=1)
    _product, variant = shirt(price=None)
    make_price(variant, 200_000, valid_until=soon)
    make_price(variant, 150_000, valid_from=soon)
    assert ListingSchedule.objects.get().due_at == soon

    # An hour later, as the database's clock cannot be set: both periods and the note move back.
    earlier = timezone.now() - timedelta(seconds=1)
    with transaction.atomic(), deferred():
        variant.prices.filter(amount_minor=200_000).update(
            valid_from=earlier - timedelta(hours=1), valid_until=earlier
        )
        variant.prices.filter(amount_minor=150_000).update(valid_from=earlier)
    ListingSchedule.objects.update(due_at=earlier)
    assert Listing.objects.get().price_minor == 200_000
    run_once()

    assert Listing.objects.get().price_minor == 150_000
    assert not ListingSchedule.objects.exists()


@committing
def test_a_rolled_back_change_changes_nothing() -> None:
    product, variant = shirt(on_hand=1)
    item = variant.stock_items.get()
    before = Listing.objects.values().get()
    follow_up()

    def take_too_many() -> None:
        with transaction.atomic():
            for _ in range(2):
                reserve(holder=uuid.uuid4(), quantities={item.pk: 1}, until=timezone.now())

    with pytest.raises(OutOfStock):
        take_too_many()

    assert Listing.objects.values().get() == before
    assert (StaleListing.objects.count(), ListingChange.objects.count()) == (0, 0)
    assert is_listed(product)


@committing
def test_sales_never_wait_for_each_other_to_write_a_listing() -> None:
    """Two last units of one product in opposite order: waiting at COMMIT would be a deadlock."""
    product = make_product()
    variants = [make_variant(product=product, on_hand=1, size=size) for size in ("S", "M")]
    items = [variant.stock_items.get().pk for variant in variants]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_try_advisory_xact_lock(catalog_listing_lock(%s))", [product.pk])

        def sell_both() -> None:
            with transaction.atomic():
                reserve(
                    holder=uuid.uuid4(), quantities=dict.fromkeys(items, 1), until=timezone.now()
                )

        assert race([sell_both]) == [None]
        cursor.execute("ROLLBACK")

    assert [*StaleListing.objects.values_list("product_id", flat=True)] != []
    assert Listing.objects.get().is_available
    follow_up()

    assert not Listing.objects.get().is_available
    assert not StaleListing.objects.exists()


@committing
def test_concurrent_changes_of_one_product_end_in_a_true_listing() -> None:
    product = make_product()
    variants = [make_variant(product=product, on_hand=1, size=size) for size in ("S", "M", "L")]

    def sell(variant: Variant) -> None:
        item = variant.stock_items.get()
        with transaction.atomic():
            reserve(holder=uuid.uuid4(), quantities={item.pk: 1}, until=timezone.now())

    results = race([partial(sell, variant) for variant in variants])
    follow_up()

    assert results == [None] * 3
    assert not Listing.objects.get().is_available
    assert not any(token.endswith("+") for token in tokens_of(product))


@committing
def test_what_concerns_very_many_products_does_not_hold_up_whoever_changes_it() -> None:
    category = make_category("Wanita")
    with transaction.atomic(), deferred():
        products = [shirt()[0].pk for _ in range(101)]
        refresh(products)
    follow_up()

    category.translations.filter(language="id").update(name="Perempuan")

    assert StaleListing.objects.filter(is_deferred=True).count() == 101
    follow_up()
    assert not StaleListing.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_listing WHERE words @@ 'perempuan'")
        assert cursor.fetchone() == (101,)


def test_facet_bits_follow_and_can_be_counted_anew() -> None:
    for _ in range(3):
        shirt()
    sold_out, variant = shirt(on_hand=1)
    follow_up()
    available = FacetBits.objects.get(token="+")
    assert available.bits.count("1") == 4

    receive_stock(stock_item_id=variant.stock_items.get().pk, quantity=-1, reason="broken")
    follow_up()
    changed = FacetBits.objects.get(token="+").bits
    assert changed.count("1") == 3
    assert changed[sold_out.pk % len(changed)] == "0"

    FacetBits.objects.filter(token="+").update(bits="1" * len(changed))
    FacetBits.objects.filter(token="*").delete()
    bits.rebuild_all()

    assert FacetBits.objects.get(token="+").bits == changed
    assert FacetBits.objects.get(token="*").bits.count("1") == 4


def test_stock_that_is_plenty_is_no_news() -> None:
    _product, variant = shirt(on_hand=100)
    follow_up()
    item = variant.stock_items.get()

    reserve(holder=uuid.uuid4(), quantities={item.pk: 50}, until=timezone.now())
    assert ListingChange.objects.count() == 0

    reserve(holder=uuid.uuid4(), quantities={item.pk: 47}, until=timezone.now())
    assert [*ListingChange.objects.values_list("is_listed", flat=True)] == [False]
