"""The variant picker of a product page: which values are chosen, missing, or gone.

The page, the script and the answer to "add to cart" all read the choice from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.caching import remember
from catalog.catalogue import ImageView, OptionView, ProductPage, VariantView, option_codes
from catalog.parameters import PRODUCT
from shop.core.money import Money

LOW_STOCK = 5


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    name: str
    swatch: str
    is_chosen: bool
    is_sold_out: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One option as a group of radio buttons."""

    code: str
    name: str
    choices: list[Choice]
    is_missing: bool

    @property
    def chosen_name(self) -> str:
        return next((choice.name for choice in self.choices if choice.is_chosen), "")

    @property
    def missing_message(self) -> str:
        return missing_message(self.name)


def query_names() -> frozenset[str]:
    """The parameters of a product page: its own and the code of each option."""
    codes: list[str] = remember("option_codes", versions=("tree",), build=option_codes)
    return frozenset((*PRODUCT, *codes))


def missing_message(option_name: str) -> str:
    return _("Choose a %(option)s first") % {"option": option_name.lower()}


def read_choice(product: ProductPage, given: Mapping[str, str]) -> dict[str, str]:
    """What of `given` is a value of this product; `variant` names all values at once.

    An option with a single value needs no choosing.
    """
    for variant in product.variants:
        if str(variant.public_id) == given.get("variant"):
            return dict(variant.values)
    choice = {}
    for option in product.options:
        codes = [value.code for value in option.values]
        if given.get(option.code) in codes:
            choice[option.code] = given[option.code]
        elif len(codes) == 1:
            choice[option.code] = codes[0]
    return choice


def missing_options(product: ProductPage, choice: Mapping[str, str]) -> list[OptionView]:
    return [option for option in product.options if option.code not in choice]


def find_variant(product: ProductPage, choice: Mapping[str, str]) -> VariantView | None:
    """The variant with exactly these values, or None where something is missing or not made."""
    return next((one for one in product.variants if dict(one.values) == dict(choice)), None)


def fields(product: ProductPage, choice: Mapping[str, str], *, missing: str) -> list[Field]:
    """The radio groups; `missing` is the option that the customer was asked for."""
    return [
        Field(
            code=option.code,
            name=option.name,
            choices=[
                Choice(
                    code=value.code,
                    name=value.name,
                    swatch=value.swatch,
                    is_chosen=choice.get(option.code) == value.code,
                    is_sold_out=not _is_left(product, {**choice, option.code: value.code}),
                )
                for value in option.values
            ],
            is_missing=option.code == missing and option.code not in choice,
        )
        for option in product.options
    ]


def _is_left(product: ProductPage, choice: Mapping[str, str]) -> bool:
    return any(
        variant.available > 0
        and all(variant.values.get(code) == value for code, value in choice.items())
        for variant in product.variants
    )


def images_first(product: ProductPage, choice: Mapping[str, str]) -> list[ImageView]:
    """All pictures, those of the chosen colour before the others."""
    chosen = set(choice.values())
    return sorted(product.images, key=lambda image: image.colour_code not in chosen)


def cheapest(product: ProductPage) -> VariantView:
    """Whose price is shown while nothing is chosen."""
    return min(product.variants, key=lambda variant: variant.price_minor)


def price_varies(product: ProductPage) -> bool:
    return len({variant.price_minor for variant in product.variants}) > 1


def stock_level(available: int) -> str:
    if available <= 0:
        return "none"
    return "low" if available <= LOW_STOCK else "ok"


def stock_text(variant: VariantView) -> str:
    """What is said about the stock of a chosen variant; the exact number only where it is small."""
    return {
        "none": _("Sold out in %(variant)s"),
        "low": _("Only %(count)s left in %(variant)s"),
        "ok": _("In stock"),
    }[stock_level(variant.available)] % {"count": variant.available, "variant": variant.name}


def script_data(product: ProductPage, currency: str) -> dict[str, object]:
    """All that the script shows, worded and formatted here: the script never builds a sentence."""
    return {
        "options": [option.code for option in product.options],
        "missing": {option.code: missing_message(option.name) for option in product.options},
        "variants": [
            {
                "id": str(variant.public_id),
                "name": variant.name,
                "values": dict(variant.values),
                "price": Money(variant.price_minor, currency).format(),
                "was": Money(variant.compare_at_minor, currency).format()
                if variant.compare_at_minor
                else "",
                "available": variant.available,
                "stock": stock_text(variant),
                "level": stock_level(variant.available),
            }
            for variant in product.variants
        ],
    }
