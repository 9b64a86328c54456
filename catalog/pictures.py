"""One small picture for each variant in a cart or an order."""

from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from catalog.catalogue import ImageView
from catalog.catalogue.pictures import cover, pictures_of
from catalog.models import Variant, VariantValue
from shop.core.kept import Kept, among


def variant_pictures(variant_pks: Sequence[int]) -> dict[int, ImageView]:
    """Variant pk → the first picture in its colour, else one without. Two queries.

    The name stands beside the picture, so its `alt` is empty.
    """
    rows = _VALUES.fetch(variants=list(variant_pks))
    products = {variant_pk: product_pk for variant_pk, product_pk, _values in rows}
    values = {variant_pk: set(own) for variant_pk, _product_pk, own in rows}
    shown = {pk: "" for own in values.values() for pk in own}
    pictures = pictures_of(set(products.values()), shown_values=shown)
    found = {}
    for variant_pk, product_pk in products.items():
        own = values[variant_pk]
        ranked = sorted(pictures.get(product_pk, []), key=lambda one: one.value_pk is None)
        picture = cover([one for one in ranked if one.value_pk is None or one.value_pk in own])
        if picture:
            found[variant_pk] = picture.view(product_name="", value_names={})
    return found


_VALUES = Kept(
    lambda *, variants: Variant.objects.filter(among("pk", variants)).values_list(
        "pk",
        "product_id",
        ArraySubquery(VariantValue.objects.filter(variant=OuterRef("pk")).values("value_id")),
    ),
    variants=[-1],
)
