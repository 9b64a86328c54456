"""Model fields that every app shares."""

from django.db import models

from shop.core.money import CURRENCY_CHOICES


def currency_field() -> "models.CharField[str, str]":
    """The currency beside an amount column."""
    return models.CharField(max_length=3, choices=CURRENCY_CHOICES)


def in_choices(field: str, choices: type[models.TextChoices]) -> models.Q:
    """The condition of a CHECK constraint: the column holds one of the choices."""
    return models.Q(**{f"{field}__in": [str(value) for value in choices.values]})


class CurrentTransaction(models.Func):
    """The database's number of the transaction at work."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()
