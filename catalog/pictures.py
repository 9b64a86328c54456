"""One small picture for each variant in a cart or an order."""

from collections.abc import Sequence

from catalog.catalogue import ImageView
from catalog.catalogue.pictures import cover, pictures_of
from catalog.models import Variant, VariantValue
from shop.core.kept import Kept, among


def variant_pictures(variant_pks: Sequence[int]) -> dict[int, ImageView]:
    """Variant pk → the first picture in its colour, else one without. Three queries.

    The name stands beside the picture, so its `alt` is empty.
    """
    products: dict[int, int] = dict(_PRODUCTS.fetch(variants=list(variant_pks)))
    values: dict[int, set[int]] = {}
    for variant_pk, value_pk in _VALUES.fetch(variants=list(variant_pks)):
        values.setdefault(variant_pk, set()).add(value_pk)
    shown = {pk: "" for own in values.values() for pk in own}
    pictures = pictures_of(set(products.values()), shown_values=shown)
    found = {}
    for variant_pk, product_pk in products.items():
        own = values.get(variant_pk, set())
        ranked = sorted(pictures.get(product_pk, []), key=lambda one: one.value_pk is None)
        picture = cover([one for one in ranked if one.value_pk is None or one.value_pk in own])
        if picture:
            found[variant_pk] = picture.view(product_name="", value_names={})
    return found


_PRODUCTS = Kept(
    lambda *, variants: Variant.objects.filter(among("pk", variants)).values_list(
        "pk", "product_id"
    ),
    variants=[-1],
)
_VALUES = Kept(
    lambda *, variants: VariantValue.objects.filter(among("variant", variants)).values_list(
        "variant_id", "value_id"
    ),
    variants=[-1],
)
