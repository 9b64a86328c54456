"""The whole catalogue as a file in our own format, in memory that does not grow with it.

The same catalogue gives the same bytes: products in the order in which they were made, columns by
their names. Read again the file changes nothing, and read into an empty shop it makes one that
exports the same.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.importing.categories import Categories
from catalog.importing.formats.own import LANGUAGES, SEPARATOR
from catalog.importing.known import (
    SIDES,
    TEXT_FIELDS,
    KnownPrice,
    KnownProduct,
    KnownVariant,
    Products,
)
from catalog.models import (
    AttributeValue,
    Location,
    Option,
    OptionValue,
    Price,
    Product,
    ProductAttribute,
    ProductOption,
    Seller,
    SizeGuide,
    VariantValue,
)
from shop.core.spreadsheets import BYTE_ORDER_MARK, csv_lines, number_of, one_moment

BATCH = 500
Cells = list[str]


def exported(*, at: datetime | None = None) -> Iterator[bytes]:
    """The file in pieces of a few hundred products. Prices that are over by then are left out.

    All of it as it was at one moment, however long it takes.
    """
    with one_moment():
        yield from _pieces(at or timezone.now())


def _pieces(at: datetime) -> Iterator[bytes]:
    sheet = _Sheet(at)
    yield BYTE_ORDER_MARK + csv_lines([sheet.header()])
    last = 0
    while True:
        found = Product.objects.filter(pk__gt=last).order_by("pk")[:BATCH]
        pks = list(found.values_list("pk", flat=True))
        if not pks:
            return
        products = Products(Product.objects.filter(pk__in=pks), at=at)
        rows = (row for pk in pks if pk in products.by_pk for row in sheet.rows(products.by_pk[pk]))
        yield csv_lines(rows)
        last = pks[-1]


class _Sheet:
    """The columns of this shop, and what its rows are called in a file."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._categories = Categories(
            language=settings.LANGUAGE_CODE, may_create=False, is_trial=True
        )
        used_options = Option.objects.filter(
            Exists(ProductOption.objects.filter(option=OuterRef("pk")))
            | Exists(VariantValue.objects.filter(option=OuterRef("pk")))
        )
        self._options = dict(used_options.values_list("pk", "code"))
        self._values = dict(OptionValue.objects.values_list("pk", "code"))
        self._option_of = dict(OptionValue.objects.values_list("pk", "option__code"))
        self._attributes = {
            pk: (attribute, code)
            for pk, attribute, code in AttributeValue.objects.values_list(
                "pk", "attribute__code", "code"
            )
        }
        self._guides = dict(SizeGuide.objects.values_list("pk", "name"))
        self._sellers = _sellers()
        self._locations = _locations()
        self._option_codes = sorted(self._options.values())
        used_values = AttributeValue.objects.filter(
            Exists(ProductAttribute.objects.filter(value=OuterRef("pk")))
        )
        self._attribute_codes = sorted(set(used_values.values_list("attribute__code", flat=True)))
        used = Price.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at))
        currencies = used.order_by().values_list("currency", flat=True).distinct()
        self._currencies = sorted({settings.DEFAULT_CURRENCY, *currencies})

    def header(self) -> Cells:
        prices = ("price", "price_before", "price_schedule")
        return [
            *("product", "seller", "category", "published", "publish_from", "publish_until"),
            *("created_at", "size_guide"),
            *(f"{column}:{language}" for language in LANGUAGES for column in TEXT_FIELDS),
            *(f"attribute:{code}" for code in self._attribute_codes),
            *("options", "pictures"),
            *("variant", "sku", "barcode", "weight_grams", *SIDES, "cost", "active"),
            *(f"option:{code}" for code in self._option_codes),
            *(f"{kind}:{currency}" for currency in self._currencies for kind in prices),
            *(f"stock:{name}" for name in self._locations.values()),
        ]

    def rows(self, product: KnownProduct) -> Iterator[Cells]:
        """The product's own cells stand on its first row only."""
        own = self._product_cells(product)
        if not product.variants:
            yield own + [""] * (len(self.header()) - len(own))
        for number, variant in enumerate(product.variants):
            yield (own if number == 0 else [""] * len(own)) + self._variant_cells(variant)

    def _product_cells(self, product: KnownProduct) -> Cells:
        fields = product.fields
        texts: Cells = []
        for language in LANGUAGES:
            _row, known = product.texts.get(language, (0, {}))
            texts += [known.get(column, "") for column in TEXT_FIELDS]
        return [
            str(product.public_id),
            self._sellers[product.seller],
            self._categories.written(product.category),
            _yes(fields["is_published"]),
            _time(fields["publish_from"]),
            _time(fields["publish_until"]),
            _time(fields["created_at"]),
            self._guides[product.size_guide] if product.size_guide else "",
            *texts,
            *self._attribute_cells(product),
            SEPARATOR.join(self._options[option.key] for option in product.options),
            SEPARATOR.join(self._pictures(product)),
        ]

    def _attribute_cells(self, product: KnownProduct) -> Cells:
        codes: dict[str, Cells] = {code: [] for code in self._attribute_codes}
        for value in product.attributes:
            attribute, code = self._attributes[value]
            codes[attribute].append(code)
        return [SEPARATOR.join(sorted(values)) for values in codes.values()]

    def _pictures(self, product: KnownProduct) -> Iterator[str]:
        for pk, url, _position in product.pictures:
            value = product.shown[pk]
            if url and value is not None:
                yield f"{self._option_of[value]}:{self._values[value]} {url}"
            elif url:
                yield url

    def _variant_cells(self, variant: KnownVariant) -> Cells:
        fields = variant.fields
        cost = fields["cost_minor"]
        chosen = {
            self._option_of[value]: self._values[value] for _row, value in variant.values.values()
        }
        stock = {location: item.on_hand for location, item in variant.stock.items()}
        return [
            str(variant.public_id),
            fields["sku"],
            fields["barcode"],
            str(fields["weight_grams"]),
            *(str(fields[side] or "") for side in SIDES),
            "" if cost is None else str(number_of(cost, settings.DEFAULT_CURRENCY)),
            _yes(fields["is_active"]),
            *(chosen.get(code, "") for code in self._option_codes),
            *(cell for currency in self._currencies for cell in self._prices(variant, currency)),
            *(str(stock.get(location, "")) for location in self._locations),
        ]

    def _prices(self, variant: KnownVariant, currency: str) -> Cells:
        """A price that holds until further notice, or else the whole schedule."""
        prices = variant.prices.get(currency, [])
        if not prices:
            return ["", "", ""]
        [first, *others] = prices
        if not others and first.end is None and first.start <= self._at:
            return [*_amounts(first, currency), ""]
        return ["", "", SEPARATOR.join(_scheduled(price, currency) for price in prices)]


def _amounts(price: KnownPrice, currency: str) -> tuple[str, str]:
    before = "" if price.before is None else str(number_of(price.before, currency))
    return str(number_of(price.amount, currency)), before


def _scheduled(price: KnownPrice, currency: str) -> str:
    amounts = "/".join(filter(None, _amounts(price, currency)))
    return f"{amounts} @ {_time(price.start)}..{_time(price.end)}"


def _time(at: datetime | None) -> str:
    """In the shop's own time, but for the last hours that a calendar has."""
    if at is None:
        return ""
    try:
        return at.astimezone(timezone.get_default_timezone()).isoformat()
    except OverflowError:
        return at.isoformat()


def _yes(is_true: bool) -> str:  # noqa: FBT001 - one word for one bit
    return "yes" if is_true else "no"


def _sellers() -> dict[int, str]:
    """By name, by public id where two have the same."""
    rows = list(Seller.objects.order_by("pk").values_list("pk", "public_id", "name"))
    names = Counter(name.casefold() for _pk, _id, name in rows)
    return {
        pk: name if names[name.casefold()] == 1 else str(public_id) for pk, public_id, name in rows
    }


def _locations() -> dict[int, str]:
    """By name, with the seller's where two have the same; in the order of what is written."""
    rows = list(Location.objects.order_by("pk").values_list("pk", "name", "seller__name"))
    names = Counter(name.casefold() for _pk, name, _seller in rows)
    full = Counter(f"{seller} / {name}".casefold() for _pk, name, seller in rows)
    written = {}
    for pk, name, seller in rows:
        longer = f"{seller} / {name}"
        written[pk] = name if names[name.casefold()] == 1 else longer
        if names[name.casefold()] > 1 and full[longer.casefold()] > 1:
            written[pk] = f"#{pk}"
    return dict(sorted(written.items(), key=lambda entry: entry[1]))
