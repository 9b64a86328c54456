"""What search engines read about a product (schema.org)."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from catalog.catalogue import ImageView, ProductPage, VariantView
from catalog.rating import average_rating
from catalog.sharing import absolute, plain_amount

# What variants differ by, as schema.org calls it; other options have no name there.
PROPERTIES = {"colour": "color", "size": "size", "material": "material", "pattern": "pattern"}


def describe_product(product: ProductPage, *, currency: str) -> dict[str, object]:
    """Only what the page itself says: no rating that nobody gave, no SKU that there is not."""
    rated = {"aggregateRating": describe_rating(product)} if product.rating_count else {}
    url = settings.PUBLIC_URL + reverse("catalog:view_product", args=[product.slug])
    about = {
        "@context": "https://schema.org",
        "name": product.name,
        "description": product.description,
        "url": url,
        **_pictures(product.ready_images),
        "brand": {"@type": "Brand", "name": product.seller_name},
        **rated,
    }
    if len(product.variants) == 1:
        (only,) = product.variants
        return about | {"@type": "Product"} | _sold(only, url, currency)
    varying = [PROPERTIES[one.code] for one in product.options if one.code in PROPERTIES]
    return about | {
        "@type": "ProductGroup",
        "productGroupID": str(product.pk),
        "variesBy": [f"https://schema.org/{name}" for name in varying],
        "hasVariant": [
            {
                "@type": "Product",
                "name": ", ".join(filter(None, [product.name, variant.name])),
                **_pictures(_own_pictures(product, variant)[:1]),
                **_properties(product, variant),
                **_sold(variant, url, currency),
            }
            for variant in product.variants
        ],
    }


def _pictures(images: Sequence[ImageView]) -> dict[str, object]:
    return {"image": [absolute(image.src) for image in images]} if images else {}


def _own_pictures(product: ProductPage, variant: VariantView) -> list[ImageView]:
    """Of its colour first; none of another colour."""
    own = {"", *variant.values.values()}
    shown = [image for image in product.ready_images if image.colour_code in own]
    return sorted(shown, key=lambda image: not image.colour_code)


def _properties(product: ProductPage, variant: VariantView) -> dict[str, object]:
    return {
        PROPERTIES[option.code]: value.name
        for option in product.options
        if option.code in PROPERTIES
        for value in option.values
        if value.code == variant.values.get(option.code)
    }


def _sold(variant: VariantView, url: str, currency: str) -> dict[str, object]:
    """Its code, if it has one, and the offer."""
    state = "InStock" if variant.available > 0 else "OutOfStock"
    return {
        **({"sku": variant.sku} if variant.sku else {}),
        "offers": {
            "@type": "Offer",
            "url": f"{url}?variant={variant.public_id}",
            "price": plain_amount(variant.price_minor, currency),
            "priceCurrency": currency,
            "availability": f"https://schema.org/{state}",
        },
    }


def describe_rating(product: ProductPage) -> dict[str, object]:
    return {
        "@type": "AggregateRating",
        "ratingValue": str(average_rating(product.rating_sum, product.rating_count)),
        "reviewCount": product.rating_count,
    }


def describe_trail(steps: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The way from the home page, as the page shows it: (name, path) of each step."""
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": name,
                "item": settings.PUBLIC_URL + path,
            }
            for position, (name, path) in enumerate(steps, start=1)
        ],
    }
