"""What search engines read about a product (schema.org)."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from catalog.catalogue import ProductPage
from catalog.rating import average_rating
from catalog.sharing import absolute, plain_amount


def describe_product(product: ProductPage, *, currency: str) -> dict[str, object]:
    """Only what the page itself says: no rating that nobody gave."""
    rated = {"aggregateRating": describe_rating(product)} if product.rating_count else {}
    url = settings.PUBLIC_URL + reverse("catalog:view_product", args=[product.slug])
    pictures = [absolute(image.src) for image in product.ready_images]
    return {
        "@context": "https://schema.org",
        "@type": "ProductGroup" if len(product.variants) > 1 else "Product",
        "name": product.name,
        "description": product.description,
        "url": url,
        **({"image": pictures} if pictures else {}),
        "brand": {"@type": "Brand", "name": product.seller_name},
        "offers": [
            {
                "@type": "Offer",
                "sku": variant.sku,
                "name": variant.name,
                "url": f"{url}?variant={variant.public_id}",
                "price": plain_amount(variant.price_minor, currency),
                "priceCurrency": currency,
                "availability": "https://schema.org/InStock"
                if variant.available > 0
                else "https://schema.org/OutOfStock",
            }
            for variant in product.variants
        ],
        **rated,
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
