import django.contrib.postgres.indexes
from django.db import migrations, models

from orders.regions import files
from orders.regions.loading import load_country


def load(apps, schema_editor):
    for country in files.countries():
        load_country(country)


class Migration(migrations.Migration):
    """Of its own, so that no table of orders is locked while it runs; regions can be read.

    Backwards nothing is removed: the provinces were there before, and the rest does no harm.
    """

    dependencies = [("orders", "0006_region_levels")]
    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        # What is deferred would forbid an index, and that is made twice as fast once all is there.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="region",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    models.F("search_name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    models.F("search_text"), name="gin_trgm_ops"
                ),
                name="region_found_by_words",
            ),
        ),
    ]
