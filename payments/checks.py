"""What `manage.py check --deploy` says of the settings of payments."""

from typing import Any

from django.conf import settings
from django.core import checks


def business_id_is_known(**_options: Any) -> list[checks.CheckMessage]:
    """Without it a live event that reaches a test shop, or the other way round, is looked into."""
    if settings.XENDIT_BUSINESS_ID:
        return []
    return [
        checks.Warning(
            "XENDIT_BUSINESS_ID is not set: webhooks of other businesses are not told apart.",
            hint="Copy it from Xendit's dashboard, Settings, Business.",
            id="payments.W001",
        )
    ]
