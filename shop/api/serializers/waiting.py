"""Places in the queue for last units."""

from rest_framework import serializers

from catalog.models import WaitingState
from catalog.waiting import MOST
from shop.api.serializers.fields import Body, Email, Shape, Token, Whole
from shop.api.serializers.moments import Moment


class WaitingBody(Body):
    variant = Token(help_text="`id` of a variant whose last units others have reserved.")
    email = Email(max_length=254)
    quantity = Whole(min_value=1, max_value=MOST, default=1)


class WaitingShape(Shape):
    variant = serializers.UUIDField(source="waiting.variant.public_id")
    name = serializers.CharField(help_text="Of the variant, in the language of the request.")
    quantity = serializers.IntegerField(
        source="waiting.quantity", help_text="Wanted; once it is `offered`, what is held."
    )
    state = serializers.ChoiceField(
        source="waiting.state",
        choices=[state.value for state in WaitingState],
        help_text="`asked` until confirmed, then `waiting`, `offered` while it is held, then over.",
    )
    ahead = serializers.IntegerField(help_text="How many people are served before.")
    next_free_at = Moment(
        source="queue.until",
        allow_null=True,
        help_text="When the first reservation of others ends, unless it is paid.",
    )
    held_until = Moment(
        allow_null=True, help_text="Until then the units are held for whoever has this place."
    )
