"""Listings inside a transaction that never commits: they are written before COMMIT, or here."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus

# Everything that is derived from listings or written beside them.
_READS_THEM = re.compile(r"catalog_\w*(listing|search|facet)")


def write_listings() -> None:
    """What the COMMIT of this transaction would write of them. No query that anybody counts."""
    own = connection.connection
    if own is not None and own.info.transaction_status == TransactionStatus.INTRANS:
        own.execute("SET CONSTRAINTS catalog_stalelisting_refresh IMMEDIATE")
        own.execute("SET CONSTRAINTS catalog_stalelisting_refresh DEFERRED")


def write_listings_first(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
    """A wrapper of Django's around each statement."""
    if _READS_THEM.search(str(statement)):
        write_listings()
    return execute(statement, *rest)
