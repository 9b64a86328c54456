"""Places that an address can name."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from orders.models import RegionLevel
from shop.api.serializers.fields import Body, Shape


class RegionQuery(Body):
    parent = serializers.CharField(  # type: ignore[assignment]  # the class only declares it
        required=False,
        max_length=13,
        help_text="Code of a region: all that lies directly in it. Without it, the provinces.",
    )
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Districts and villages by words of their names and of what they lie in, the"
        " likeliest first, at most twelve: `coblong bandung`. From two letters on.",
    )
    country = serializers.ChoiceField(
        choices=settings.SHIPPING_COUNTRIES, default=settings.DEFAULT_COUNTRY
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "parent" in attrs and "q" in attrs:
            raise serializers.ValidationError({"q": [_("Send either parent or q.")]})
        return attrs


class RegionShape(Shape):
    code = serializers.CharField(help_text="Kemendagri's: `32.73.19`.")
    name = serializers.CharField()
    level = serializers.SerializerMethodField(
        help_text="Only a `district` or a `village` can be the `region` of an address."
    )
    path = serializers.CharField(
        help_text="With all that it lies in: `Sumur Bandung, Kota Bandung, Jawa Barat`."
    )

    def get_level(self, region: Any) -> str:
        return RegionLevel(region.level).name.lower()


class RegionListShape(Shape):
    results = RegionShape(many=True, help_text="Complete: there are no further pages.")
