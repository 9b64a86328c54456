"""What the demo's files hold. Amounts are minor units of its currency, weights grams."""

from typing import NotRequired, TypedDict


class Section(TypedDict):
    name: str
    slug: str
    description: str


class Text(TypedDict):
    """`model_size` is empty for what nobody wears."""

    name: str
    slug: str
    description: str
    material: str
    fit: str
    model_size: str
    care: str


class Category(TypedDict):
    code: str
    id: Section
    en: Section
    children: NotRequired[list["Category"]]


class Value(TypedDict):
    """Of an option or an attribute; colours have a swatch."""

    code: str
    id: str
    en: str
    swatch: NotRequired[str]


class Vocabulary(TypedDict):
    """An option or an attribute with its values."""

    code: str
    id: str
    en: str
    values: list[Value]


class GuideText(TypedDict):
    title: str
    note: str


class Measure(TypedDict):
    """`millimetres` has one number for each size of the guide."""

    code: str
    id: str
    en: str
    millimetres: list[int]


class SizeGuide(TypedDict):
    code: str
    name: str
    sizes: list[str]
    id: GuideText
    en: GuideText
    measures: list[Measure]


class Colour(TypedDict):
    """`stock` has one number for each size of the product, or one where it has no sizes."""

    code: str
    pictures: list[str]
    stock: list[int]


class Sale(TypedDict):
    """A lower price for some days, counted from the day of loading; negative: it runs already."""

    price: int
    starts_in_days: int
    lasts_days: int


class Product(TypedDict):
    """`surcharge` is added to the price of the sizes named in it.

    `barcode` is the first ten digits of the numbers that its variants get.
    """

    sku: str
    category: str
    days_ago: int
    publish_in_days: NotRequired[int]
    weight_grams: int
    cost: int
    barcode: NotRequired[str]
    price: int
    compare_at: NotRequired[int]
    sale: NotRequired[Sale]
    surcharge: NotRequired[dict[str, int]]
    size_guide: NotRequired[str]
    attributes: dict[str, list[str]]
    sizes: list[str]
    colours: list[Colour]
    id: Text
    en: Text


class Place(TypedDict):
    name: str
    street: str
    city: str
    province: str
    postal_code: str


class Boutique(TypedDict):
    """`note` ends each description: it says that the pictures are illustrations."""

    seller: str
    location: Place
    currency: str
    note: dict[str, str]
    categories: list[Category]
    options: list[Vocabulary]
    attributes: list[Vocabulary]
    size_guides: list[SizeGuide]
    synonyms: list[str]
