"""A new product: from nothing, or as a copy of another."""

from collections.abc import Mapping, Sequence
from itertools import product as combinations

from django.db import transaction
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.editing.booking import Booking
from catalog.editing.prices import PriceCell, Typed, regular_prices
from catalog.editing.products import clock, lock_product
from catalog.editing.sheet import new_key
from catalog.editing.texts import free_slug
from catalog.editing.typed import Row
from catalog.editing.variants import add_stock_items, save_matrix
from catalog.models import (
    Price,
    Product,
    ProductAttribute,
    ProductOption,
    ProductTranslation,
    StockMovement,
    Variant,
    VariantValue,
)

COPIED_FROM_PRODUCT = ("seller_id", "category_id", "size_guide_id")
NAME_LENGTH = 200


@transaction.atomic
def create_product(
    *,
    names: Mapping[str, str],
    category_pk: int,
    seller_pk: int,
    amount: int | None,
    values: Mapping[int, Sequence[int]],
    currency: str,
) -> Product:
    """An unpublished product with a variant for each combination of the values, all at one price.

    `names` is by language; their slugs are made of them. `values` maps option to its values, in the
    order in which customers choose; without any there is one variant.
    """
    product = Product.objects.create(category_id=category_pk, seller_id=seller_pk)
    ProductTranslation.objects.bulk_create(
        ProductTranslation(
            product=product, language=code, name=name, slug=free_slug(name, language=code)
        )
        for code, name in names.items()
    )
    rows = [
        Row(
            key=new_key(chosen),
            variant_pk=None,
            value_pks=chosen,
            is_active=True,
            price=PriceCell(typed=Typed(amount)),
        )
        for chosen in combinations(*values.values())
    ]
    save_matrix(
        product_pk=product.pk,
        seen=None,
        option_pks=list(values),
        rows=rows,
        dropped=(),
        booking=Booking(StockMovement.Kind.RECEIVED, "", None),
        currency=currency,
    )
    return product


@transaction.atomic
def duplicate_product(*, product_pk: int, currency: str) -> Product:
    """An unpublished copy with all texts, options, variants, attributes and regular prices.

    Nothing that belongs to the goods themselves is copied: codes and barcodes are empty, stock is
    zero. Pictures are left out too: two products that share a file lose it together.
    """
    source = lock_product(product_pk)
    copy = Product.objects.create(**{name: getattr(source, name) for name in COPIED_FROM_PRODUCT})
    _copy_texts(source, copy)
    ProductOption.objects.bulk_create(
        ProductOption(product=copy, option_id=row.option_id, position=row.position)
        for row in source.product_options.all()
    )
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=copy, value_id=row.value_id) for row in source.attributes.all()
    )
    _copy_variants(source, copy, currency=currency)
    return copy


def _copy_texts(source: Product, copy: Product) -> None:
    texts = []
    for text in source.translations.all():
        with override(text.language):
            name = _("%(name)s (copy)") % {"name": text.name[: NAME_LENGTH - 20]}
        fields = model_to_dict(text, exclude=["id", "product", "name", "slug", "language"])
        slug = free_slug(name, language=text.language)
        texts.append(
            ProductTranslation(product=copy, language=text.language, name=name, slug=slug, **fields)
        )
    ProductTranslation.objects.bulk_create(texts)


def _copy_variants(source: Product, copy: Product, *, currency: str) -> None:
    at = clock()
    made = {
        old.pk: Variant(
            product=copy,
            weight_grams=old.weight_grams,
            cost_minor=old.cost_minor,
            is_active=old.is_active,
            position=old.position,
        )
        for old in source.variants.all()
    }
    Variant.objects.bulk_create(made.values())
    VariantValue.objects.bulk_create(
        VariantValue(variant=made[row.variant_id], option_id=row.option_id, value_id=row.value_id)
        for row in VariantValue.objects.filter(variant__product=source)
    )
    Price.objects.bulk_create(
        Price(
            variant=made[pk],
            currency=currency,
            amount_minor=price.amount,
            compare_at_minor=price.compare_at,
            valid_from=at,
        )
        for pk, price in regular_prices(product_pk=source.pk, currency=currency, at=at).items()
    )
    add_stock_items(copy, made.values())
