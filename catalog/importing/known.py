"""What the shop already has of the products in a batch. Ten queries, however many products."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from catalog.editing.products import clock
from catalog.importing.aliases import handle_of
from catalog.importing.drafts import Draft
from catalog.importing.values import written_url
from catalog.models import (
    Price,
    Product,
    ProductAttribute,
    ProductImage,
    ProductOption,
    ProductTranslation,
    StockItem,
    Variant,
    VariantValue,
)

PRODUCT_FIELDS = ("is_published", "publish_from", "publish_until", "created_at")
TEXT_FIELDS = (
    "name",
    "slug",
    "description",
    "material",
    "care",
    "fit",
    "model_size",
    "seo_title",
    "seo_description",
)
SIDES = ("length_mm", "width_mm", "height_mm")
VARIANT_FIELDS = ("sku", "barcode", "weight_grams", *SIDES, "cost_minor", "is_active")


class KnownPrice(NamedTuple):
    pk: int
    amount: int
    before: int | None
    start: datetime
    end: datetime | None


class KnownItem(NamedTuple):
    pk: int
    on_hand: int
    reserved: int


class Placed(NamedTuple):
    """A row that stands in an order: an option of the product, a picture, a variant."""

    pk: int
    key: Any
    position: int


@dataclass(slots=True)
class KnownVariant:
    pk: int
    public_id: UUID
    position: int
    fields: dict[str, Any]
    # Option → (row, value).
    values: dict[int, tuple[int, int]] = field(default_factory=dict)
    prices: dict[str, list[KnownPrice]] = field(default_factory=dict)
    # Location → stock item.
    stock: dict[int, KnownItem] = field(default_factory=dict)


@dataclass(slots=True)
class KnownProduct:
    pk: int
    public_id: UUID
    seller: int
    category: int
    size_guide: int | None
    fields: dict[str, Any]
    # Language → (row, texts).
    texts: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    options: list[Placed] = field(default_factory=list)
    # Value → row.
    attributes: dict[int, int] = field(default_factory=dict)
    pictures: list[Placed] = field(default_factory=list)
    shown: dict[int, int | None] = field(default_factory=dict)
    variants: list[KnownVariant] = field(default_factory=list)


class Products:
    """The products that `found` yields, with all that hangs on them."""

    def __init__(self, found: QuerySet[Product], *, at: datetime) -> None:
        self.by_pk: dict[int, KnownProduct] = {}
        for pk, public_id, seller, category, guide, *values in found.values_list(
            "pk", "public_id", "seller", "category", "size_guide", *PRODUCT_FIELDS
        ):
            fields = dict(zip(PRODUCT_FIELDS, values, strict=True))
            self.by_pk[pk] = KnownProduct(pk, public_id, seller, category, guide, fields)
        if self.by_pk:
            self._load_product_rows()
            self._load_variants(at)

    def _load_product_rows(self) -> None:
        mine = {"product__in": list(self.by_pk)}
        for pk, product, language, *values in ProductTranslation.objects.filter(**mine).values_list(
            "pk", "product", "language", *TEXT_FIELDS
        ):
            texts = dict(zip(TEXT_FIELDS, values, strict=True))
            self.by_pk[product].texts[language] = (pk, texts)
        options = ProductOption.objects.filter(**mine).order_by("position", "pk")
        for pk, product, option, position in options.values_list(
            "pk", "product", "option", "position"
        ):
            self.by_pk[product].options.append(Placed(pk, option, position))
        for pk, product, value in ProductAttribute.objects.filter(**mine).values_list(
            "pk", "product", "value"
        ):
            self.by_pk[product].attributes[value] = pk
        pictures = ProductImage.objects.filter(**mine).order_by("position", "pk")
        for pk, product, url, renditions, position, value in pictures.values_list(
            "pk", "product", "source_url", "renditions", "position", "option_value"
        ):
            owner = self.by_pk[product]
            owner.pictures.append(Placed(pk, written_url(url or address_of(renditions)), position))
            owner.shown[pk] = value

    def _load_variants(self, at: datetime) -> None:
        variants: dict[int, KnownVariant] = {}
        rows = Variant.objects.filter(product__in=list(self.by_pk)).order_by("position", "pk")
        for pk, product, public_id, position, *values in rows.values_list(
            "pk", "product", "public_id", "position", *VARIANT_FIELDS
        ):
            fields = dict(zip(VARIANT_FIELDS, values, strict=True))
            variants[pk] = KnownVariant(pk, public_id, position, fields)
            self.by_pk[product].variants.append(variants[pk])
        mine = {"variant__product__in": list(self.by_pk)}
        for pk, variant, option, value in VariantValue.objects.filter(**mine).values_list(
            "pk", "variant", "option", "value"
        ):
            variants[variant].values[option] = (pk, value)
        self._load_prices(variants, mine, at)
        for variant, location, *item in StockItem.objects.filter(**mine).values_list(
            "variant", "location", "pk", "on_hand", "reserved"
        ):
            variants[variant].stock[location] = KnownItem(*item)

    def _load_prices(
        self, variants: dict[int, KnownVariant], mine: dict[str, list[int]], at: datetime
    ) -> None:
        """Those that hold or will hold; what is over is history."""
        lasting = Price.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), **mine)
        for variant, currency, pk, amount, before, start, end in lasting.order_by(
            "valid_from"
        ).values_list(
            "variant",
            "currency",
            "pk",
            "amount_minor",
            "compare_at_minor",
            "valid_from",
            "valid_until",
        ):
            price = KnownPrice(pk, amount, before, start, end)
            variants[variant].prices.setdefault(currency, []).append(price)


class Known(Products):
    """What a batch of drafts meets `at` a time; who has an address or variant that they speak of.

    `lock` keeps the products as they are until the transaction ends: whole rows are written from
    what was read here, and a colleague who saves one of them meanwhile waits.
    """

    def __init__(self, drafts: Sequence[Draft], *, lock: bool) -> None:
        self.slugs = self._slugs(drafts)
        found = self._wanted(drafts)
        if lock:
            locked = found.select_for_update(of=("self",), no_key=True).order_by("pk")
            pks = list(locked.values_list("pk", flat=True))
            # An address may have changed hands while somebody else's lock was waited for.
            self.slugs = self._slugs(drafts)
            found = self._wanted(drafts).filter(pk__in=pks)
        self.at = clock()
        super().__init__(found, at=self.at)
        self.by_id = {product.public_id: product for product in self.by_pk.values()}
        self.variant_owners = self._variant_owners(drafts)

    def _wanted(self, drafts: Sequence[Draft]) -> QuerySet[Product]:
        ids = [draft.public_id for draft in drafts if draft.public_id]
        return Product.objects.filter(Q(public_id__in=ids) | Q(pk__in=set(self.slugs.values())))

    def _slugs(self, drafts: Sequence[Draft]) -> dict[tuple[str, str], int]:
        """(Language, slug) → product, of every address that these drafts might want."""
        wanted: dict[str, set[str]] = {}
        for draft in drafts:
            wanted.setdefault(draft.language, set()).add(draft.handle)
            for language, texts in draft.texts.items():
                slug = texts.get("slug") or handle_of(texts["name"])
                wanted.setdefault(language, set()).add(slug)
        return {
            (language, slug): product
            for language, slugs in wanted.items()
            for slug, product in ProductTranslation.objects.filter(
                language=language, slug__in=slugs
            ).values_list("slug", "product")
        }

    def _variant_owners(self, drafts: Sequence[Draft]) -> dict[UUID, int]:
        ids = [v.public_id for draft in drafts for v in draft.variants if v.public_id]
        owners = Variant.objects.filter(public_id__in=ids) if ids else Variant.objects.none()
        return dict(owners.values_list("public_id", "product"))


def address_of(renditions: list[dict[str, Any]]) -> str:
    """Where a picture that staff uploaded is to be had, for another shop as well: its widest file.

    Blank while it is being prepared; the original itself is nobody else's business.
    """
    if not renditions:
        return ""
    widest = max(renditions, key=lambda file: (file["width"], file["format"]))
    url = default_storage.url(widest["path"])
    return url if url.startswith("http") else f"{settings.PUBLIC_URL}{url}"
