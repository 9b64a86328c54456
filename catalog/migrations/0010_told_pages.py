"""Every change that customers see is told to the page that shows it."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "0010_told_pages.sql"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_plain_facet_bits")]
    operations = [
        migrations.AddField(
            model_name="listingchange",
            name="slug",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop),
    ]
