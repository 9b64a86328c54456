import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SUSPENSE = "suspense"


def open_account(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.create(code=SUSPENSE, kind="liability")


def close_account(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code=SUSPENSE).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_asking_couriers"),
        ("payments", "0008_credit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(open_account, close_account),
        migrations.CreateModel(
            name="GatewayTransaction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("transaction_id", models.CharField(max_length=80, verbose_name="transaction")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment", "payment"),
                            ("refund", "refund"),
                            ("chargeback", "chargeback"),
                            ("withdrawal", "withdrawal to the bank"),
                            ("adjustment", "adjustment by the gateway"),
                            ("other", "other"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "kind_given",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="the gateway's word for it"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "under way"),
                            ("succeeded", "done"),
                            ("failed", "failed"),
                            ("voided", "taken back before it was settled"),
                            ("reversed", "taken back"),
                            ("other", "unknown"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "product_id",
                    models.CharField(blank=True, max_length=80, verbose_name="payment or refund"),
                ),
                (
                    "gateway_ref",
                    models.CharField(blank=True, max_length=80, verbose_name="payment request"),
                ),
                (
                    "reference",
                    models.CharField(blank=True, max_length=255, verbose_name="our reference"),
                ),
                ("channel", models.CharField(blank=True, max_length=40, verbose_name="channel")),
                ("is_incoming", models.BooleanField(verbose_name="money in")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("fee_minor", models.BigIntegerField(verbose_name="fee")),
                ("fee_tax_minor", models.BigIntegerField(verbose_name="tax in the fee")),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                (
                    "settlement",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "none"),
                            ("pending", "not settled yet"),
                            ("settled", "settled"),
                        ],
                        max_length=10,
                        verbose_name="settlement",
                    ),
                ),
                ("settles_at", models.DateTimeField(null=True, verbose_name="to be settled")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled")),
                ("created_at", models.DateTimeField(verbose_name="made at the gateway")),
                ("updated_at", models.DateTimeField(verbose_name="changed at the gateway")),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="first seen here",
                    ),
                ),
                ("postings", models.PositiveSmallIntegerField(default=0)),
                ("next_match_at", models.DateTimeField(null=True, verbose_name="to be matched")),
                ("tries", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "gateway transaction",
                "verbose_name_plural": "gateway transactions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "transaction_id"), name="gateway_transaction_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                (
                    "name",
                    models.CharField(
                        choices=[("hourly", "every hour"), ("nightly", "every night")],
                        max_length=10,
                        verbose_name="run",
                    ),
                ),
                ("next_run_at", models.DateTimeField(verbose_name="next run")),
                ("began_at", models.DateTimeField(null=True, verbose_name="began")),
                ("since", models.DateTimeField(null=True, verbose_name="changes since")),
                ("after", models.CharField(blank=True, max_length=80)),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("tries", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="last complete run")),
                ("complete_until", models.DateTimeField(null=True)),
                ("last_counts", models.JSONField(default=dict, verbose_name="what it found")),
                (
                    "trouble",
                    models.CharField(blank=True, max_length=200, verbose_name="what stopped it"),
                ),
            ],
            options={
                "verbose_name": "reading of a gateway's list",
                "verbose_name_plural": "readings of gateways' lists",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "name"), name="statement_reading_once"
                    )
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="paymentexception",
            name="exception_kind",
        ),
        migrations.AddField(
            model_name="paymentexception",
            name="key",
            field=models.CharField(blank=True, db_default="", max_length=120),
        ),
        migrations.AlterField(
            model_name="paymentexception",
            name="kind",
            field=models.CharField(
                choices=[
                    ("partial", "less than the total"),
                    ("surplus", "more than the total"),
                    ("duplicate", "paid twice"),
                    ("unfulfillable", "paid late, goods sold out"),
                    ("unmatched", "belongs to no order"),
                    ("wrong_currency", "another currency than the order's"),
                    ("foreign_refund", "given back without the shop"),
                    ("forged", "a webhook the gateway does not confirm"),
                    ("phantom", "booked here, not in the gateway's list"),
                    ("amount_differs", "not what the gateway's list says"),
                    ("chargeback", "taken back by the payer's bank or the gateway"),
                    ("unexplained", "money that the gateway moved by itself"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="gatewaytransaction",
            name="receipt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transactions",
                to="payments.paymentreceipt",
            ),
        ),
        migrations.AddField(
            model_name="gatewaytransaction",
            name="refund",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transactions",
                to="payments.refund",
            ),
        ),
        migrations.AddField(
            model_name="paymentexception",
            name="transaction",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exceptions",
                to="payments.gatewaytransaction",
                verbose_name="gateway transaction",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "partial",
                            "surplus",
                            "duplicate",
                            "unfulfillable",
                            "unmatched",
                            "wrong_currency",
                            "foreign_refund",
                            "forged",
                            "phantom",
                            "amount_differs",
                            "chargeback",
                            "unexplained",
                        ],
                    )
                ),
                name="exception_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementreading",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__in", ["hourly", "nightly"])),
                name="statement_reading_name",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(fields=["product_id"], name="gateway_transaction_product"),
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(fields=["reference"], name="gateway_transaction_reference"),
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(fields=["created_at"], name="gateway_transaction_created"),
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", False)),
                fields=["settled_at"],
                name="gateway_transaction_settled",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(
                condition=models.Q(("next_match_at__isnull", False)),
                fields=["next_match_at"],
                name="gateway_transaction_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaytransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["payment", "refund", "chargeback", "withdrawal", "adjustment", "other"],
                    )
                ),
                name="gateway_transaction_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaytransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["pending", "succeeded", "failed", "voided", "reversed", "other"])
                ),
                name="gateway_transaction_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaytransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("settlement__in", ["", "pending", "settled"])),
                name="gateway_transaction_settlement",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaytransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gte", 0), ("fee_minor__gte", 0), ("fee_tax_minor__gte", 0)
                ),
                name="gateway_transaction_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatewaytransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_incoming", False),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("fee_minor"), "+", models.F("fee_tax_minor")
                        ),
                    ),
                    _connector="OR",
                ),
                name="gateway_transaction_net",
            ),
        ),
    ]
