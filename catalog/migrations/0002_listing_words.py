from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "listing_words.sql"


class Migration(migrations.Migration):
    """Of its own: databases from before `0001_schema` have an older version of the function."""

    dependencies = [("catalog", "0001_schema")]
    # Backwards nothing: the function that stays gives the same words.
    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
