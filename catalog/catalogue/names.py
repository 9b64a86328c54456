"""What variants are called, many at once and in one language."""

from collections.abc import Iterable

from catalog.catalogue.languages import in_language
from catalog.models import ProductTranslation, Variant, VariantValue


def variant_names(variant_pks: Iterable[int], language: str) -> dict[int, str]:
    """Variant pk → `Kemeja Linen, Terakota, M`, in the order asked for. Three queries."""
    pks = list(variant_pks)
    products = dict(Variant.objects.filter(pk__in=pks).values_list("pk", "product_id"))
    texts = ProductTranslation.objects.filter(product__in=set(products.values()))
    names = in_language(
        texts.order_by("product_id", "language").values_list("product_id", "language", "name"),
        language,
    )
    values = value_names(pks, language)
    return {
        pk: ", ".join([names[products[pk]], *values.get(pk, {}).values()])
        for pk in pks
        if products.get(pk) in names
    }


def value_names(variant_pks: Iterable[int], language: str) -> dict[int, dict[str, str]]:
    """Variant pk → its values by the code of the option, in the shop's order. One query."""
    rows = (
        VariantValue.objects.filter(variant__in=list(variant_pks))
        .order_by("option__position", "option_id", "value__translations__language")
        .values_list(
            "variant_id",
            "option__code",
            "value__translations__language",
            "value__translations__name",
            "value__code",
        )
    )
    found = in_language(
        (((pk, option), code, name or value) for pk, option, code, name, value in rows), language
    )
    names: dict[int, dict[str, str]] = {}
    for (pk, option), name in found.items():
        names.setdefault(pk, {})[option] = name
    return names
