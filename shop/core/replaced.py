"""Databases that stand in the middle of migrations which one of today has replaced.

Django leaves such an app out without a word, or ends with a stack trace.
"""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

HINT = (
    "Migrate it with the last commit that has these migrations (docs/operations.md, "
    '"Databases from before 0.1.0"); a local one may be removed with `make clean`.'
)


def find_halfway(*, databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """A check that `manage.py migrate` makes before it begins."""
    return [
        Error(f"The database is older than the migrations of {app}.", HINT, id="core.E001")
        for alias in databases or ()
        for app in halfway(alias)
    ]


def halfway(alias: str) -> list[str]:
    """The apps of which some replaced migrations were applied and others were not."""
    applied = MigrationRecorder(connections[alias]).applied_migrations().keys()
    return sorted(
        app
        for (app, name), migration in MigrationLoader(None).replacements.items()
        if (app, name) not in applied
        and 0 < len(applied & set(migration.replaces)) < len(migration.replaces)
    )
