import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_asking_couriers"),
        ("payments", "0002_ledger_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("gateway", "back the way it came"),
                            ("bank_transfer", "by bank transfer"),
                        ],
                        max_length=15,
                        verbose_name="way",
                    ),
                ),
                ("gateway", models.CharField(blank=True, max_length=20, verbose_name="gateway")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("cancelled", "cancelled"),
                            ("returned", "returned"),
                            ("duplicate", "duplicate"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=60, unique=True, verbose_name="our reference"),
                ),
                (
                    "refund_ref",
                    models.CharField(blank=True, max_length=80, verbose_name="gateway's id"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "to be approved"),
                            ("approved", "approved"),
                            ("submitting", "being submitted"),
                            ("unknown", "unknown, being looked up"),
                            ("pending", "on its way"),
                            ("awaiting_transfer", "to be transferred"),
                            ("succeeded", "given back"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "failure_code",
                    models.CharField(blank=True, max_length=60, verbose_name="failure"),
                ),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="asked for",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved")),
                ("paid_on", models.DateField(null=True, verbose_name="paid on")),
                (
                    "paid_reference",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="reference of the transfer"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("first_lookup_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "permissions": [
                    ("approve_refund", "Can approve a refund that somebody else asked for")
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="paymentexception",
            name="exception_kind",
        ),
        migrations.AddField(
            model_name="paymentreceipt",
            name="refund_pending_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="being given back"),
        ),
        migrations.AddField(
            model_name="paymentreceipt",
            name="refunded_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="given back"),
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
                ],
                max_length=20,
                verbose_name="kind",
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
                        ],
                    )
                ),
                name="exception_kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="paymentreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refund_pending_minor__gte", 0),
                    ("refunded_minor__gte", 0),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("refunded_minor"), "+", models.F("refund_pending_minor")
                        ),
                    ),
                ),
                name="receipt_refunded_once",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="approved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="approved by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="due",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.refunddue",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="exception",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="payments.paymentexception",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="order",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="paid_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="transferred by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="receipt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="payments.paymentreceipt",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("next_try_at__isnull", False)),
                fields=["next_try_at"],
                name="refund_due_try",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state__in", ["draft", "awaiting_transfer"])),
                fields=["requested_at"],
                name="refund_for_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "draft",
                            "approved",
                            "submitting",
                            "unknown",
                            "pending",
                            "awaiting_transfer",
                            "succeeded",
                            "failed",
                            "cancelled",
                        ],
                    )
                ),
                name="refund_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["gateway", "bank_transfer"])),
                name="refund_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="refund_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("due", None), ("exception", None), _connector="OR"),
                name="refund_for_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("receipt__isnull", False), ("due__isnull", False), _connector="OR"
                ),
                name="refund_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("refund_ref", ""), _negated=True),
                fields=("gateway", "refund_ref"),
                name="refund_ref_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    ("requested_by", None),
                    models.Q(("approved_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="refund_two_persons",
            ),
        ),
    ]
