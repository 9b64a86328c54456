from datetime import UTC
from typing import Any

from rest_framework import serializers


class Moment(serializers.DateTimeField):
    """UTC, whatever the shop's own time is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)
