"""What catalogue.json holds. Amounts are minor units of its currency, weights grams."""

from typing import NotRequired, TypedDict


class Name(TypedDict):
    name: str
    slug: str


class Text(Name):
    description: str
    material: str
    fit: str
    care: str


class Category(TypedDict):
    code: str
    id: Name
    en: Name
    children: NotRequired[list["Category"]]


class Value(TypedDict):
    code: str
    id: str
    en: str
    swatch: NotRequired[str]


class Option(TypedDict):
    code: str
    id: str
    en: str
    values: list[Value]


class Colour(TypedDict):
    """`stock` has one number for each size of the product, or one where it has no sizes."""

    code: str
    picture: str
    stock: list[int]


class Product(TypedDict):
    """`surcharge` is added to the price of the sizes named in it."""

    sku: str
    category: str
    days_ago: int
    weight_grams: int
    price: int
    compare_at: NotRequired[int]
    surcharge: NotRequired[dict[str, int]]
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
    seller: str
    location: Place
    currency: str
    note: dict[str, str]
    categories: list[Category]
    options: list[Option]
    products: list[Product]
