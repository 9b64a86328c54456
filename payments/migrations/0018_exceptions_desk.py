"""Who did what about an exception; money that came after its order; what the shop waives."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from shop.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_validate_collected"),
        ("payments", "0017_sellers_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExceptionStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("taken", "taken on"),
                            ("handed_over", "handed over"),
                            ("let_go", "let go: nobody owns it"),
                            ("given_back", "money to be given back"),
                            ("as_credit", "money kept as store credit"),
                            ("asked", "customer asked for the rest"),
                            ("waived", "the rest was waived"),
                            ("fulfilled", "order confirmed after all"),
                            ("assigned", "assigned to an order"),
                            ("found", "found at the gateway"),
                            ("explained", "explained"),
                            ("noted", "noted"),
                            ("closed", "closed"),
                            ("reopened", "opened again"),
                        ],
                        max_length=15,
                        verbose_name="step",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="words")),
                ("data", models.JSONField(default=dict)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "step",
                "verbose_name_plural": "steps",
            },
        ),
        migrations.RemoveConstraint(
            model_name="creditaccount",
            name="credit_kind",
        ),
        migrations.RemoveConstraint(
            model_name="creditaccount",
            name="credit_of_code_or_customer",
        ),
        migrations.RemoveConstraint(
            model_name="paymentexception",
            name="exception_kind",
        ),
        migrations.RemoveConstraint(
            model_name="paymentreceipt",
            name="receipt_disposition",
        ),
        migrations.AlterField(
            model_name="creditaccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("gift_card", "gift card"),
                    ("store_credit", "store credit"),
                    ("goodwill", "waived by the shop"),
                ],
                max_length=15,
                verbose_name="kind",
            ),
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
                    ("late", "paid after the order had ended"),
                    ("unmatched", "belongs to no order"),
                    ("wrong_currency", "another currency than the order's"),
                    ("foreign_refund", "given back without the shop"),
                    ("refund_late", "a refund that does not end"),
                    ("refund_differs", "a refund that is not what was asked for"),
                    ("work_fails", "work of the money loop that fails"),
                    ("forged", "a webhook the gateway does not confirm"),
                    ("webhook", "a webhook that nobody could make sense of"),
                    ("phantom", "booked here, not in the gateway's list"),
                    ("amount_differs", "not what the gateway's list says"),
                    ("chargeback", "taken back by the payer's bank or the gateway"),
                    ("unexplained", "money that the gateway moved by itself"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="paymentreceipt",
            name="disposition",
            field=models.CharField(
                choices=[
                    ("booked", "booked"),
                    ("applied", "applied to the order"),
                    ("partial", "part of the total"),
                    ("surplus", "more than the total"),
                    ("duplicate", "paid again"),
                    ("unfulfillable", "paid too late, sold out"),
                    ("late", "paid after the order had ended"),
                    ("unmatched", "no such order"),
                ],
                default="booked",
                max_length=15,
                verbose_name="what became of it",
            ),
        ),
        AddConstraintNotValid(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["gift_card", "store_credit", "goodwill"])),
                name="credit_kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer", None), ("kind", "gift_card")),
                    models.Q(
                        ("code_hash", ""), ("customer__isnull", False), ("kind", "store_credit")
                    ),
                    models.Q(("code_hash", ""), ("customer", None), ("kind", "goodwill")),
                    _connector="OR",
                ),
                name="credit_of_code_or_customer",
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
                            "late",
                            "unmatched",
                            "wrong_currency",
                            "foreign_refund",
                            "refund_late",
                            "refund_differs",
                            "work_fails",
                            "forged",
                            "webhook",
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
        AddConstraintNotValid(
            model_name="paymentreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "disposition__in",
                        [
                            "booked",
                            "applied",
                            "partial",
                            "surplus",
                            "duplicate",
                            "unfulfillable",
                            "late",
                            "unmatched",
                        ],
                    )
                ),
                name="receipt_disposition",
            ),
        ),
        migrations.AddField(
            model_name="exceptionstep",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="exceptionstep",
            name="exception",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="payments.paymentexception",
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptionstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "taken",
                            "handed_over",
                            "let_go",
                            "given_back",
                            "as_credit",
                            "asked",
                            "waived",
                            "fulfilled",
                            "assigned",
                            "found",
                            "explained",
                            "noted",
                            "closed",
                            "reopened",
                        ],
                    )
                ),
                name="exception_step_kind",
            ),
        ),
        append_only("payments_exceptionstep"),
    ]
