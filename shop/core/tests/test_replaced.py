"""Before anything is migrated, a database that is too old for that is told apart."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from shop.core.replaced import halfway

pytestmark = pytest.mark.django_db


def test_a_database_of_today_is_migrated() -> None:
    assert halfway("default") == []
    call_command("migrate", skip_checks=False, verbosity=0)


@pytest.mark.parametrize(
    ("app", "last"),
    [
        ("catalog", "0017_words_in_order"),
        ("orders", "0020_validate_collected"),
        ("payments", "0027_webhook_changes"),
    ],
)
def test_what_was_published_is_replaced_and_no_more(app: str, last: str) -> None:
    """One that never was in anybody's database would have them all refused."""
    replaced = MigrationLoader(None).replacements[app, "0001_schema"].replaces
    assert max(name for _app, name in replaced) == last


def test_one_that_has_all_old_migrations_is_up_to_date() -> None:
    MigrationRecorder(connection).record_unapplied("payments", "0001_schema")
    call_command("migrate", skip_checks=False, check_unapplied=True, verbosity=0)


def test_one_that_lacks_the_last_of_them_is_refused() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("payments", "0001_schema")
    recorder.record_unapplied("payments", "0027_webhook_changes")
    before = recorder.applied_migrations().keys()
    with pytest.raises(CommandError) as refused:
        call_command("migrate", skip_checks=False, verbosity=0)
    assert "core.E001" in str(refused.value)
    assert "older than the migrations of payments." in str(refused.value)
    assert recorder.applied_migrations().keys() == before
