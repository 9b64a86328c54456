"""Products and categories as the API shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.catalogue import CategoryView, ImageView, ProductPage
from catalog.catalogue.offers import MANY
from catalog.rating import average_rating
from shop.api.serializers.fields import MinorUnits, Shape


def absolute(url: str) -> str:
    """Files lie beside the shop on a laptop and at a CDN on a server."""
    return settings.PUBLIC_URL + url if url.startswith("/") else url


class RenditionShape(Shape):
    type = serializers.CharField(help_text="MIME type: `image/avif`, `image/webp`, `image/jpeg`.")
    width = serializers.IntegerField()
    url = serializers.URLField()


class ImageShape(Shape):
    alt = serializers.CharField()
    width = serializers.IntegerField(help_text="Of the original; every rendition has its ratio.")
    height = serializers.IntegerField()
    src = serializers.SerializerMethodField()
    renditions = serializers.SerializerMethodField()
    colour_code = serializers.CharField(
        help_text="The value of the option `colour` that it shows; empty for none in particular."
    )

    @extend_schema_field(serializers.URLField)
    def get_src(self, image: ImageView) -> str:
        return absolute(image.src)

    @extend_schema_field(RenditionShape(many=True))
    def get_renditions(self, image: ImageView) -> list[dict[str, Any]]:
        return [
            {"type": kind, "width": int(width.removesuffix("w")), "url": absolute(url)}
            for kind, srcset in image.sources
            for url, width in (file.rsplit(" ", 1) for file in srcset.split(", "))
        ]


class SwatchShape(Shape):
    name = serializers.CharField()
    hex = serializers.CharField()


class RatingShape(Shape):
    average = serializers.SerializerMethodField()
    count = serializers.IntegerField(source="rating_count", help_text="Of published reviews.")

    @extend_schema_field(serializers.FloatField(help_text="With one decimal; 0 without reviews."))
    def get_average(self, product: Any) -> float:
        return float(average_rating(product.rating_sum, product.rating_count))


class ProductCardShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    price = MinorUnits("price_minor", help_text="Of the cheapest variant.")
    compare_at = MinorUnits("compare_at_minor", allow_null=True, help_text="Struck through.")
    price_varies = serializers.BooleanField()
    image = ImageShape(source="ready_image", allow_null=True)
    swatches = SwatchShape(many=True)
    rating = RatingShape(source="*")
    is_new = serializers.BooleanField()
    is_available = serializers.BooleanField()


class CategoryLinkShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()


class CategoryShape(CategoryLinkShape):
    product_count = serializers.IntegerField(help_text="In it and in everything below it.")
    children = serializers.SerializerMethodField()

    # A shape that contains itself: the reference is written by hand.
    @extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/Category"}})
    def get_children(self, category: CategoryView) -> list[dict[str, Any]]:
        return [dict(CategoryShape(child).data) for child in category.children]


class CategoryListShape(Shape):
    results = CategoryShape(many=True)


class OptionValueShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField()
    swatch = serializers.CharField(help_text="`#b5593c` for a colour, else empty.")


class OptionShape(Shape):
    code = serializers.CharField(help_text="`colour`, `size`, …")
    name = serializers.CharField()
    values = OptionValueShape(many=True)


class VariantShape(Shape):
    id = serializers.UUIDField(source="public_id", help_text="What carts and orders call it by.")
    sku = serializers.CharField(help_text="May be empty and need not be unique.")
    name = serializers.CharField(help_text="Its values: `Terakota, M`.")
    values = serializers.DictField(
        child=serializers.CharField(), help_text="Code of an option to the code of its value."
    )
    price = MinorUnits("price_minor")
    compare_at = MinorUnits("compare_at_minor", allow_null=True)
    available = serializers.IntegerField(
        help_text=(
            "How many can still be promised: exact up to 5; 6 means six or more. Placing an order"
            " decides."
        ),
        max_value=MANY,
    )
    weight_grams = serializers.IntegerField()


class MeasureShape(Shape):
    name = serializers.CharField()
    millimetres = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="One for each of `sizes`; null where nobody measured. 525 is 52.5 cm.",
    )


class SizeGuideShape(Shape):
    title = serializers.CharField()
    note = serializers.CharField(help_text="How to measure; may be empty.")
    option = serializers.CharField(source="option_code", help_text="What `sizes` are values of.")
    sizes = serializers.ListField(child=serializers.CharField())
    measures = MeasureShape(many=True)


class ProductShape(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    material = serializers.CharField()
    care = serializers.CharField()
    fit = serializers.CharField()
    category = CategoryLinkShape()
    seller_name = serializers.CharField()
    ships_from = serializers.CharField()
    images = ImageShape(source="ready_images", many=True)
    options = OptionShape(many=True)
    variants = VariantShape(many=True)
    rating = RatingShape(source="*")
    slugs = serializers.DictField(
        child=serializers.CharField(), help_text="Language to the slug it has there."
    )
    model_size = serializers.CharField(
        help_text="How tall the model is and what they wear; may be empty."
    )
    size_guide = SizeGuideShape(allow_null=True)
    related = serializers.SerializerMethodField(
        help_text="What else is alike and can be bought: at most eight."
    )

    @extend_schema_field(ProductCardShape(many=True))
    def get_related(self, product: ProductPage) -> list[dict[str, Any]]:
        return [dict(ProductCardShape(card).data) for card in self.context["related"]]
