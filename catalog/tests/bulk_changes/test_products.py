"""Many products at once: publication, category, size guide, values of attributes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.bulk_changes import (
    MAX_VARIANTS,
    Edit,
    Note,
    NothingToChange,
    Problem,
    Publication,
    PublicationEdit,
    TooMany,
    give_attribute,
    give_size_guide,
    move_to_category,
    plan_change,
    plans,
    take_attribute,
    undo_change,
)
from catalog.models import Attribute, AttributeValue, BulkChange, Product, SizeGuide
from catalog.tests.builders import make_category, make_product, make_variant
from catalog.tests.bulk_changes.builders import do
from catalog.tests.editing.pages import make_staff

pytestmark = pytest.mark.django_db

NOW = timezone.now()
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


def publication_of(product: Product) -> tuple[object, object, object]:
    product.refresh_from_db()
    return product.is_published, product.publish_from, product.publish_until


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (PublicationEdit(Publication.PUBLISH), (False, None, None), (True, None, None)),
        (PublicationEdit(Publication.PUBLISH), (False, TOMORROW, None), (True, None, None)),
        (PublicationEdit(Publication.PUBLISH), (True, None, YESTERDAY), (True, None, None)),
        (
            PublicationEdit(Publication.PUBLISH),
            (False, YESTERDAY, TOMORROW),
            (True, YESTERDAY, TOMORROW),
        ),
        (PublicationEdit(Publication.HIDE), (True, None, TOMORROW), (False, None, TOMORROW)),
        (
            PublicationEdit(Publication.SCHEDULE, TOMORROW, TOMORROW + timedelta(days=1)),
            (True, None, YESTERDAY),
            (True, TOMORROW, TOMORROW + timedelta(days=1)),
        ),
    ],
)
def test_products_are_published_hidden_or_scheduled_and_back_again(
    edit: Edit, before: tuple[Any, ...], after: tuple[object, ...]
) -> None:
    names = ("is_published", "publish_from", "publish_until")
    product = make_product(**dict(zip(names, before, strict=True)))

    change = do(edit, product)
    assert publication_of(product) == after

    undo_change(change_pk=change.pk, actor_id=make_staff().pk)
    assert publication_of(product) == before


def test_a_product_without_a_price_is_pointed_out_when_it_is_published() -> None:
    product = make_product(is_published=False)
    make_variant(product=product, price=None)

    plan = plan_change(product_pks=[product.pk], edit=PublicationEdit(Publication.PUBLISH))

    assert [line.note for line in plan.lines] == [Note.NOT_SHOWN]


def test_products_move_to_another_category_and_back_to_their_own() -> None:
    tops, skirts, sale = (make_category(name) for name in ("Atasan", "Rok", "Obral"))
    shirt, skirt = make_product(category=tops), make_product(category=skirts)

    change = do(move_to_category(sale.pk), shirt, skirt)
    assert set(Product.objects.values_list("category", flat=True)) == {sale.pk}

    undo_change(change_pk=change.pk, actor_id=make_staff().pk)
    assert dict(Product.objects.values_list("pk", "category")) == {
        shirt.pk: tops.pk,
        skirt.pk: skirts.pk,
    }


def test_a_category_that_is_gone_takes_no_products() -> None:
    product, gone = make_product(), make_category("Lama")
    edit = move_to_category(gone.pk)
    gone.delete()

    [line] = plan_change(product_pks=[product.pk], edit=edit).refused

    assert line.problem == Problem.GONE


def test_products_get_a_size_guide_or_lose_it() -> None:
    guide = SizeGuide.objects.create(name="Kemeja pria")
    product = make_product()

    do(give_size_guide(guide.pk), product)
    product.refresh_from_db()
    assert product.size_guide == guide

    do(give_size_guide(None), product)
    product.refresh_from_db()
    assert product.size_guide is None


def test_products_get_a_value_of_an_attribute_or_lose_it() -> None:
    cotton = AttributeValue.objects.create(
        attribute=Attribute.objects.create(code="material"), code="katun"
    )
    shirt, skirt = make_product(), make_product()
    do(give_attribute(cotton.pk), shirt)

    change = do(give_attribute(cotton.pk), shirt, skirt)
    assert change.lines.count() == 1
    assert [shirt.attributes.count(), skirt.attributes.count()] == [1, 1]

    do(take_attribute(cotton.pk), shirt)
    undo_change(change_pk=change.pk, actor_id=make_staff().pk)
    assert [shirt.attributes.count(), skirt.attributes.count()] == [0, 0]


def test_what_is_like_that_already_is_no_change() -> None:
    product = make_product()

    with pytest.raises(NothingToChange):
        do(PublicationEdit(Publication.PUBLISH), product)

    assert not BulkChange.objects.exists()


def test_more_variants_than_the_limit_are_refused_with_the_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_product()
    for _number in range(3):
        make_variant(product=product)
    edit = PublicationEdit(Publication.HIDE)
    monkeypatch.setattr(plans, "MAX_VARIANTS", 2)

    with pytest.raises(TooMany) as refusal:
        plan_change(product_pks=[product.pk], edit=edit)

    assert "2" in refusal.value.user_message
    assert MAX_VARIANTS == 5_000
