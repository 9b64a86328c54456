"""Seller, vocabulary, products and synonyms of the demo, written in one go."""

from datetime import datetime

from catalog.models import (
    Attribute,
    Category,
    Location,
    Option,
    Product,
    Seller,
    SizeGuide,
    Synonym,
)
from shop.pages.demo import shapes
from shop.pages.demo.products import Shelves, load_products
from shop.pages.demo.vocabulary import (
    load_attributes,
    load_categories,
    load_options,
    load_size_guides,
)

# A shop with any of these is somebody's own, even where it has no product yet.
BEGINNINGS = (Product, Category, Option, Attribute, SizeGuide, Synonym)


def load_catalogue(
    boutique: shapes.Boutique, products: list[shapes.Product], *, now: datetime
) -> bool:
    """Fill an empty catalogue; returns whether it was empty. Dates in the data count from `now`."""
    if any(model._default_manager.exists() for model in BEGINNINGS):
        return False
    seller = Seller.objects.create(name=boutique["seller"])
    values = load_options(boutique["options"])
    shelves = Shelves(
        location=Location.objects.create(seller=seller, **boutique["location"]),
        currency=boutique["currency"],
        note=boutique["note"],
        categories=load_categories(boutique["categories"]),
        values=values,
        attributes=load_attributes(boutique["attributes"]),
        size_guides=load_size_guides(boutique["size_guides"], values),
    )
    load_products(products, shelves, now=now)
    Synonym.objects.bulk_create(Synonym(words=words) for words in boutique["synonyms"])
    return True
