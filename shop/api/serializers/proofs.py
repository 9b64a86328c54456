"""Files with which a customer shows that a transfer was made."""

from rest_framework import serializers

from payments.models import ProofKind
from shop.api.serializers.fields import Body, Shape


class ProofBody(Body):
    proof = serializers.FileField(help_text="PDF, JPEG, PNG or WebP, at most 5 MB.")


class ProofShape(Shape):
    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(choices=ProofKind.choices)
    size = serializers.IntegerField(help_text="Bytes.")
    uploaded_at = serializers.DateTimeField()


class ProofListShape(Shape):
    results = ProofShape(many=True, help_text="The oldest first; the files are shown to nobody.")
    is_awaited = serializers.BooleanField(
        help_text="Whether a transfer is awaited, so that a file may be sent."
    )
    most = serializers.IntegerField(help_text="So many are kept of an order.")
