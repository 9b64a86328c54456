"""Cash on delivery: who may not have it, and the files of couriers."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CHART = {
    "gateway_clearing:cod": "asset",
    "courier_fee": "expense",
}


def open_accounts(apps, schema_editor):
    account = apps.get_model("payments", "LedgerAccount")
    account.objects.bulk_create(account(code=code, kind=kind) for code, kind in CHART.items())


def close_accounts(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code__in=CHART).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_validate_collected"),
        ("payments", "0009_gateway_transactions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CodBan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=32, unique=True)),
                (
                    "banned_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "banned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CourierSettlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file")),
                ("courier", models.CharField(max_length=25, verbose_name="courier")),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="read in"
                    ),
                ),
                ("known", models.PositiveIntegerField(default=0, verbose_name="known already")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="read in by",
                    ),
                ),
            ],
            options={
                "verbose_name": "courier settlement",
                "verbose_name_plural": "courier settlements",
            },
        ),
        migrations.CreateModel(
            name="SettlementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(verbose_name="line")),
                ("courier", models.CharField(max_length=25, verbose_name="courier")),
                ("waybill", models.CharField(max_length=50, verbose_name="waybill")),
                ("number", models.CharField(blank=True, max_length=12, verbose_name="order")),
                ("collected_minor", models.BigIntegerField(verbose_name="collected")),
                ("fee_minor", models.BigIntegerField(default=0, verbose_name="fee")),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "to be decided"),
                            ("booked", "booked"),
                            ("set_aside", "set aside"),
                        ],
                        default="new",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlement_lines",
                        to="payments.paymentattempt",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlement_line",
                        to="payments.paymentreceipt",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.couriersettlement",
                    ),
                ),
            ],
            options={
                "verbose_name": "settlement line",
                "verbose_name_plural": "settlement lines",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("courier", "waybill"), name="settlement_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["new", "booked", "set_aside"])),
                        name="settlement_line_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("collected_minor__gte", 0),
                            ("fee_minor__gte", 0),
                            models.Q(
                                ("collected_minor__gt", 0), ("fee_minor__gt", 0), _connector="OR"
                            ),
                        ),
                        name="settlement_line_amounts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("receipt__isnull", False), ("state", "booked")),
                            models.Q(
                                ("collected_minor", 0), ("receipt", None), ("state", "booked")
                            ),
                            models.Q(
                                models.Q(("state", "booked"), _negated=True), ("receipt", None)
                            ),
                            _connector="OR",
                        ),
                        name="settlement_line_booked",
                    ),
                ],
            },
        ),
        migrations.RunPython(open_accounts, close_accounts),
    ]
