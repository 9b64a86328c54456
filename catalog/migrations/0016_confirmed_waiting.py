"""Places in the queue that nobody has confirmed yet; built while people wait."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("catalog", "0015_payment_minutes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="waiting",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "not confirmed"),
                    ("waiting", "waiting"),
                    ("offered", "held for them"),
                    ("taken", "ordered"),
                    ("lapsed", "not taken in time"),
                    ("left", "no longer waiting"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint(model_name="waiting", name="waiting_state"),
        migrations.AddConstraint(
            model_name="waiting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["asked", "waiting", "offered", "taken", "lapsed", "left"])
                ),
                name="waiting_state",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            # The old one goes last: at no moment has an address two places.
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS waiting_one_place"
                    " ON catalog_waiting (variant_id, email)"
                    " WHERE state IN ('asked', 'waiting', 'offered')",
                    "DROP INDEX CONCURRENTLY IF EXISTS waiting_one_place",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS waiting_once",
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS waiting_once"
                    " ON catalog_waiting (variant_id, email)"
                    " WHERE state IN ('waiting', 'offered')",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="waiting", name="waiting_once"),
                migrations.AddConstraint(
                    model_name="waiting",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "waiting", "offered"])),
                        fields=("variant", "email"),
                        name="waiting_one_place",
                    ),
                ),
            ],
        ),
        AddIndexConcurrently(
            model_name="waiting",
            index=models.Index(
                condition=models.Q(("state", "asked")),
                fields=["created_at"],
                name="waiting_unconfirmed",
            ),
        ),
    ]
