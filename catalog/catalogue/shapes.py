"""The values that the catalogue hands out: texts in one language, amounts in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CategoryLink:
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class CategoryView(CategoryLink):
    """`product_count` is of the category and of everything below it, 1,001 for more than 1,000."""

    children: list["CategoryView"]
    product_count: int


@dataclass(frozen=True, slots=True)
class ImageView:
    """`sources` are (MIME type, srcset), the smallest format first; `src` is the largest file.

    While it is being prepared there are none: pages show its place in `colour`, #rrggbb or empty
    while not even that is known. `colour_code` is empty for a picture that shows no colour in
    particular.
    """

    alt: str
    width: int
    height: int
    src: str
    sources: list[tuple[str, str]]
    colour_code: str
    colour: str = ""

    @property
    def is_ready(self) -> bool:
        return bool(self.sources)


@dataclass(frozen=True, slots=True)
class Swatch:
    name: str
    hex: str


@dataclass(frozen=True, slots=True)
class ProductCard:
    """One product in a list. The price is that of its cheapest variant."""

    slug: str
    name: str
    price_minor: int
    compare_at_minor: int | None
    currency: str
    price_varies: bool
    image: ImageView | None
    swatches: list[Swatch]
    colour_count: int
    rating_sum: int
    rating_count: int
    is_new: bool
    is_available: bool

    @property
    def ready_image(self) -> ImageView | None:
        return self.image if self.image and self.image.is_ready else None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`count` is what would be left with this value; exact up to 1,000, 1,001 for more.

    None: some are left, and nobody counted how many.
    """

    code: str
    name: str
    swatch: str = ""
    is_chosen: bool = False
    count: int | None = 0

    def counted(self, count: int | None) -> "FacetValue":
        """The same with a count; `dataclasses.replace` takes ten times as long."""
        return FacetValue(self.code, self.name, self.swatch, self.is_chosen, count)


@dataclass(frozen=True, slots=True)
class Facet:
    """`code` is the parameter of the address; `kind` link, swatch, size, check or switch.

    A switch's values are parameters of their own, with the value 1.
    """

    code: str
    name: str
    kind: str
    values: list[FacetValue]


@dataclass(frozen=True, slots=True)
class ListingView:
    """One page of products; `category` is None for the whole catalogue.

    `total` is exact up to 1,000 and 1,001 for more. `next_position` is where the page ends, for
    whoever goes on from there; None at the end.
    """

    cards: list[ProductCard]
    total: int
    page: int
    page_count: int
    category: CategoryLink | None
    children: list[CategoryLink]
    facets: list[Facet]
    next_position: tuple[datetime | int, int] | None


@dataclass(frozen=True, slots=True)
class OptionValueView:
    code: str
    name: str
    swatch: str


@dataclass(frozen=True, slots=True)
class OptionView:
    code: str
    name: str
    values: list[OptionValueView]


@dataclass(frozen=True, slots=True)
class VariantView:
    """What can be bought. `values` maps option code to value code; `name` reads `Terakota, M`.

    `available` is how many, 6 for six or more.
    """

    public_id: UUID
    sku: str
    values: Mapping[str, str]
    name: str
    price_minor: int
    compare_at_minor: int | None
    available: int
    weight_grams: int


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One row of a size guide: a length for each of its sizes, None where nobody measured."""

    name: str
    millimetres: list[int | None]

    @property
    def centimetres(self) -> list[Decimal | None]:
        return [None if each is None else Decimal(each) / 10 for each in self.millimetres]


@dataclass(frozen=True, slots=True)
class SizeGuideView:
    """`option_code` is what its sizes are values of."""

    title: str
    note: str
    option_code: str
    sizes: list[str]
    measures: list[MeasureView]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """All of one product. `slugs` has the languages in which it is written.

    `model_size` is how tall the model is and what size they wear. `rating_sum` adds up the stars of
    its `rating_count` published reviews.
    """

    slug: str
    name: str
    description: str
    material: str
    care: str
    fit: str
    model_size: str
    seo_title: str
    seo_description: str
    category: CategoryLink
    seller_name: str
    ships_from: str
    images: list[ImageView]
    options: list[OptionView]
    variants: list[VariantView]
    slugs: Mapping[str, str]
    rating_sum: int
    rating_count: int
    size_guide: SizeGuideView | None
    pk: int
    category_pk: int

    @property
    def title(self) -> str:
        """For search engines and shared links."""
        return self.seo_title or self.name

    @property
    def summary(self) -> str:
        return self.seo_description or self.description

    @property
    def ready_images(self) -> list[ImageView]:
        return [image for image in self.images if image.is_ready]
