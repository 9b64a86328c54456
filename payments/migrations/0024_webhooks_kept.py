import django.db.models.functions.datetime
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0023_adjustments"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefusedHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("began_at", models.DateTimeField(verbose_name="hour")),
                ("number", models.PositiveBigIntegerField(verbose_name="number")),
                ("bytes", models.PositiveBigIntegerField(verbose_name="bytes")),
            ],
        ),
        migrations.CreateModel(
            name="RefusedWebhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="received",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("wrong", "with a wrong secret"),
                            ("absent", "without a secret"),
                            ("large", "too large"),
                        ],
                        max_length=10,
                        verbose_name="why",
                    ),
                ),
                ("headers", models.JSONField(default=dict, verbose_name="headers")),
                ("body", models.BinaryField()),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
            ],
            options={
                "verbose_name": "refused webhook",
                "verbose_name_plural": "refused webhooks",
            },
        ),
        migrations.RemoveConstraint(
            model_name="webhookevent",
            name="webhook_state",
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="headers",
            field=models.JSONField(db_default={}, default=dict, verbose_name="headers"),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="last_repeat_at",
            field=models.DateTimeField(null=True, verbose_name="last repeat"),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="redacted_at",
            field=models.DateTimeField(null=True, verbose_name="emptied"),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="repeats",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="repeats"),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="secret",
            field=models.CharField(
                blank=True,
                choices=[
                    ("current", "current"),
                    ("previous", "previous"),
                    ("wrong", "wrong"),
                    ("absent", "absent"),
                ],
                db_default="",
                max_length=10,
                verbose_name="secret",
            ),
        ),
        migrations.AlterField(
            model_name="webhookevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "received"),
                    ("processed", "processed"),
                    ("ignored", "nothing to do"),
                    ("unmatched", "no such order yet"),
                    ("retry", "to be tried again"),
                    ("dead", "needs a person"),
                    ("rejected", "of another business"),
                ],
                default="received",
                max_length=10,
                verbose_name="state",
            ),
        ),
        AddConstraintNotValid(
            model_name="webhookevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "received",
                            "processed",
                            "ignored",
                            "unmatched",
                            "retry",
                            "dead",
                            "rejected",
                        ],
                    )
                ),
                name="webhook_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="refusedhour",
            constraint=models.UniqueConstraint(
                fields=("gateway", "began_at"), name="refused_hour_once"
            ),
        ),
        migrations.AddIndex(
            model_name="refusedwebhook",
            index=models.Index(fields=["received_at"], name="refused_webhook_received"),
        ),
        migrations.AddConstraint(
            model_name="refusedwebhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["wrong", "absent", "large"])),
                name="refused_webhook_reason",
            ),
        ),
    ]
