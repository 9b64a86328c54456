"""Lists of products and suggestions, as the API is asked for them and shows them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from catalog.catalogue import SORTS
from catalog.listing.tokens import HIGHEST_PRICE
from catalog.search.understanding import LONGEST_QUERY
from shop.api.serializers.catalogue import CategoryLinkShape, ProductCardShape
from shop.api.serializers.fields import Body, Shape


class Amount(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        # Else 100.000, as Indonesians write a hundred thousand, would pass for a hundred.
        if not (isinstance(data, str) and data.isascii() and data.isdecimal()):
            self.fail("invalid")
        return super().to_internal_value(data)


# What a list can be asked for beside the codes of the shop's options and attributes.
class ProductQuery(Body):
    q = serializers.CharField(
        required=False, max_length=LONGEST_QUERY, help_text="Words to search for; best match first."
    )
    exact = serializers.BooleanField(
        required=False, help_text="With `q`: search for the words as they are, corrected or not."
    )
    category = serializers.CharField(
        required=False, max_length=220, help_text="Slug of a category; all below it are included."
    )
    seller = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Codes from `facets`."
    )
    price = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Ranges, by their codes from `facets`: `100000-200000`.",
    )
    min_price = Amount(
        required=False,
        min_value=0,
        max_value=HIGHEST_PRICE,
        help_text="Whole minor units, included; widened to the price step below (2-10 %).",
    )
    max_price = Amount(
        required=False,
        min_value=0,
        max_value=HIGHEST_PRICE,
        help_text="Whole minor units, included; widened to the price step above.",
    )
    in_stock = serializers.BooleanField(
        required=False, help_text="Only what can be bought now, in the chosen size and colour."
    )
    reduced = serializers.BooleanField(
        required=False, help_text="Only what costs less than it did."
    )
    sort = serializers.ChoiceField(
        choices=list(SORTS),
        required=False,
        help_text="`newest` unless said otherwise. Not with `q`.",
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text="24 unless said otherwise."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=500,
        help_text="Where to go on, from `next`, with all other parameters as they were.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "q" in attrs and "sort" in attrs:
            raise serializers.ValidationError(
                {"sort": [_("A search is sorted by how well it fits.")]}
            )
        lowest, highest = attrs.get("min_price"), attrs.get("max_price")
        if lowest is not None and highest is not None and lowest > highest:
            raise serializers.ValidationError({"max_price": [_("This is below min_price.")]})
        return attrs


class FacetValueShape(Shape):
    code = serializers.CharField(help_text="The value of the parameter.")
    name = serializers.CharField()
    swatch = serializers.CharField(help_text="`#b5593c` for a colour, else empty.")
    count = serializers.IntegerField(
        allow_null=True,
        help_text="What is left with this value; 1,001 for more than 1,000, null where some are"
        " left and nobody counted.",
    )
    is_chosen = serializers.BooleanField()


class FacetShape(Shape):
    code = serializers.CharField(
        help_text="The parameter: `size`, `colour`, `category`, … Values of a `switch` are"
        " parameters of their own."
    )
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["link", "swatch", "size", "check", "switch"])
    values = FacetValueShape(many=True, help_text="Those that leave something, and those chosen.")


class ProductListShape(Shape):
    results = ProductCardShape(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")
    total = serializers.IntegerField(help_text="How many there are, at most 1,000.")
    total_is_exact = serializers.BooleanField(help_text="False: there are more than `total`.")
    facets = FacetShape(many=True)
    searched_for = serializers.CharField(
        help_text="What was searched for instead of `q`, if it looked mistyped; else empty."
    )
    is_partial = serializers.BooleanField(
        help_text="Nothing has all the words of `q`; these have some of them."
    )


class SuggestQuery(Body):
    q = serializers.CharField(
        max_length=LONGEST_QUERY, help_text="What was typed, two letters or more."
    )


class SuggestionsShape(Shape):
    queries = serializers.ListField(child=serializers.CharField())
    categories = CategoryLinkShape(many=True)
    products = ProductCardShape(many=True)
