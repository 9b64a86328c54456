"""Writing listings anew. The database does so by itself; this is for bulk jobs and repairs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def deferred() -> Iterator[None]:
    """Inside a transaction: changes no longer mark products, the caller refreshes them itself.

    A bulk job that forgets to call `refresh` before it commits leaves listings that are wrong.
    """
    with transaction.atomic(durable=False), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('etalase.defer_listing', 'on', true)")
        yield
        cursor.execute("SELECT set_config('etalase.defer_listing', '', true)")


@transaction.atomic
def refresh(product_pks: Sequence[int]) -> None:
    """Write the listings of these products as they are now, some hundreds at a time at best.

    The pages of all of them are told. Waits for whoever is writing one of the listings: not to be
    called while stock rows are locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_refresh_listing(%s)", [_locked(product_pks)])


@transaction.atomic
def rewrite(product_pks: Sequence[int]) -> None:
    """As `refresh`, for a repair: nobody is told of what comes out the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_write_listing(%s)", [_locked(product_pks)])


def _locked(product_pks: Sequence[int]) -> list[int]:
    """In the order in which everybody takes them."""
    ordered = sorted(set(product_pks))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(catalog_listing_lock(id))"
            " FROM unnest(%s::bigint[]) AS id",
            [ordered],
        )
    return ordered


@transaction.atomic
def write_settings() -> None:
    """Tell the database what the settings say of currency and price ranges."""
    currency = settings.DEFAULT_CURRENCY
    ranges = settings.PRICE_RANGES.get(currency, [])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_listingsetting (currency, price_ranges)"
            " VALUES (%(currency)s, %(ranges)s) ON CONFLICT (only_row)"
            " DO UPDATE SET currency = %(currency)s, price_ranges = %(ranges)s",
            {"currency": currency, "ranges": ranges},
        )
