"""An empty test database as its migrations leave it, kept for the next run with the same ones.

To make one takes ten seconds, to copy it one. Migrations that are not in the copy yet run
on top of it, as they do in a shop; one that was edited gives the copy another name, so the
database is made from the beginning.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROOT = Path(settings.BASE_DIR)
PREFIX = "empty_shop_"
# Whatever decides what migrations write; a test pins what else they import.
SOURCES = (
    "*/migrations/*.py",
    "*/migrations/sql/*.sql",
    "shop/core/migrations/*.py",
    "orders/data/*/*",
    "orders/regions/*.py",
    "shop/core/tables.py",
    "shop/core/triggers.py",
    "requirements.txt",
)
# Any number that nothing else locks.
ONE_KEEPER = 0x4B657074
# The shop's own limits are of its requests; on a busy machine a database is made in a minute, and
# not deleted within seconds.
WITHOUT_LIMITS = " -c statement_timeout=0 -c lock_timeout=0"


def begin_with_kept() -> None:
    """The test database is made from what an earlier run has kept, if it has.

    Until `keep_limits` nothing is cut short, however long it takes.
    """
    lift_limits()
    with connection._nodb_cursor() as cursor:
        if _kept(cursor) == [_name()]:
            connection.settings_dict["TEST"]["TEMPLATE"] = _name()


def keep() -> None:
    """Copy this process's test database, while it is empty; others of the same run have theirs."""
    source = connection.settings_dict["NAME"]
    # Nobody may be connected to what is copied.
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_KEEPER])
        kept = _kept(cursor)
        if kept != [_name()]:
            for old in kept:
                cursor.execute(f'DROP DATABASE "{old}"')
            cursor.execute(f'CREATE DATABASE "{_name()}" TEMPLATE "{source}"')


def lift_limits() -> None:
    connection.settings_dict["OPTIONS"]["options"] += WITHOUT_LIMITS
    connection.close()


def keep_limits() -> None:
    """From here on the limits of the shop hold."""
    options = connection.settings_dict["OPTIONS"]
    options["options"] = options["options"].removesuffix(WITHOUT_LIMITS)
    connection.close()


def _kept(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return [name for (name,) in cursor.fetchall()]


def _name() -> str:
    digest = hashlib.sha256()
    for file in sorted({file for pattern in SOURCES for file in ROOT.glob(pattern)}):
        digest.update(f"{file.relative_to(ROOT)}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return PREFIX + digest.hexdigest()[:16]
