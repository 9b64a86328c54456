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
        *(
            migrations.AddField(
                model_name="listingchange",
                name=name,
                field=models.BooleanField(db_default=False, default=False),
            )
            for name in ("is_told", "is_counted")
        ),
        # Both tables are as good as empty at any time.
        migrations.AddIndex(
            model_name="listingchange",
            index=models.Index(
                condition=models.Q(("is_told", False), ("is_counted", True), _connector="OR"),
                fields=["id"],
                name="listing_change_untold",
            ),
        ),
        migrations.AddIndex(
            model_name="stalelisting",
            index=models.Index(
                condition=models.Q(("is_deferred", False)),
                fields=["id"],
                name="stale_listing_urgent",
            ),
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop),
    ]
