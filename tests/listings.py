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
    _run(
        "SET CONSTRAINTS catalog_stalelisting_refresh IMMEDIATE",
        "SET CONSTRAINTS catalog_stalelisting_refresh DEFERRED",
    )


def forget_listings() -> None:
    """Nobody will look at them any more: the check of all constraints need not write them."""
    _run("DELETE FROM catalog_stalelisting")


def _run(*statements: str) -> None:
    own = connection.connection
    if own is not None and own.info.transaction_status == TransactionStatus.INTRANS:
        for statement in statements:
            own.execute(statement)


def write_listings_first(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
    """A wrapper of Django's around each statement."""
    if _READS_THEM.search(str(statement)):
        write_listings()
    return execute(statement, *rest)
