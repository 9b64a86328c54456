"""Fields that take a value of their own type only, and shapes that know all their fields."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from shop.api.errors import UNKNOWN_FIELD
from shop.core.money import Money


# Docstrings of shapes are texts of the OpenAPI document, so these two have none.
# What a client sends: a field that is not stated is refused, or a typing error would pass.
class Body(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("Unknown field.")] for name in unknown}, code=UNKNOWN_FIELD
                )
        return super().to_internal_value(data)


# What the shop answers.
class Shape(serializers.Serializer[Any]):
    pass


class Text(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # As it was sent: what is cut off its ends counts in the document as well.
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class Email(serializers.EmailField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        # True is an int in Python, and "1" only looks like one; 2.0 is one in JSON Schema.
        if type(data) is float and data.is_integer():
            return int(data)
        if type(data) is not int:
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Token(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class MoneyShape(Shape):
    """An exact amount."""

    amount = serializers.IntegerField(
        source="minor",
        help_text="Whole units of the currency's smallest coin: Rp149.000 is 149000.",
    )
    currency = serializers.CharField(help_text="ISO 4217, such as `IDR`.")
    formatted = serializers.CharField(source="format", help_text="For people: `Rp149.000`.")

    # There are a dozen in an answer: the fields above only describe it.
    def to_representation(self, money: Money) -> dict[str, Any]:
        return {"amount": money.minor, "currency": money.currency, "formatted": money.format()}


_MONEY = MoneyShape()


@extend_schema_field(MoneyShape)
class MinorUnits(serializers.Field[Any, Any, Any, Any]):
    """The Money behind a column of minor units, in the currency of the thing or of the context."""

    def __init__(self, attribute: str, **options: Any) -> None:
        super().__init__(source="*", **options)
        self.attribute = attribute

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        minor = getattr(value, self.attribute)
        if minor is None:
            return None
        currency = getattr(value, "currency", None) or self.context["currency"]
        return _MONEY.to_representation(Money(minor, currency))
