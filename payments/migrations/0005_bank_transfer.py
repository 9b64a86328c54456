"""Transfers to the merchant's own account, and the bank statements on which they are found."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CHART = {
    "gateway_clearing:bank_transfer": "asset",
    "transfer_suffix": "income",
}


def open_accounts(apps, schema_editor):
    account = apps.get_model("payments", "LedgerAccount")
    account.objects.bulk_create(account(code=code, kind=kind) for code, kind in CHART.items())


def close_accounts(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code__in=CHART).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_asking_couriers"),
        ("payments", "0004_refunds_owed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file")),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="read in"
                    ),
                ),
                ("first_on", models.DateField(verbose_name="from")),
                ("last_on", models.DateField(verbose_name="to")),
                ("known", models.PositiveIntegerField(default=0, verbose_name="known already")),
                (
                    "outgoing",
                    models.PositiveIntegerField(default=0, verbose_name="money that left"),
                ),
                (
                    "uneven",
                    models.PositiveIntegerField(default=0, verbose_name="with a part of a rupiah"),
                ),
                (
                    "pending",
                    models.PositiveIntegerField(
                        default=0, verbose_name="not booked by the bank yet"
                    ),
                ),
            ],
            options={
                "verbose_name": "bank statement",
                "verbose_name_plural": "bank statements",
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                ("position", models.PositiveIntegerField(verbose_name="line")),
                ("booked_on", models.DateField(verbose_name="day")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                (
                    "description",
                    models.CharField(blank=True, max_length=300, verbose_name="the bank's words"),
                ),
                ("forgotten_at", models.DateTimeField(editable=False, null=True)),
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
                    "read_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="read in"
                    ),
                ),
            ],
            options={
                "verbose_name": "statement line",
                "verbose_name_plural": "statement lines",
            },
        ),
        migrations.AddField(
            model_name="paymentattempt",
            name="suffix_minor",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="suffix"),
        ),
        migrations.AddField(
            model_name="paymentreceipt",
            name="suffix_minor",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="suffix"),
        ),
        migrations.AddField(
            model_name="bankstatement",
            name="uploaded_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="read in by",
            ),
        ),
        migrations.AddField(
            model_name="statementline",
            name="attempt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statement_lines",
                to="payments.paymentattempt",
            ),
        ),
        migrations.AddField(
            model_name="statementline",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="statementline",
            name="receipt",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statement_line",
                to="payments.paymentreceipt",
            ),
        ),
        migrations.AddField(
            model_name="statementline",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="payments.bankstatement",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_on__lte", models.F("last_on"))), name="statement_period"
            ),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["booked_on", "amount_minor"], name="statement_line_twins"),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(
                condition=models.Q(("description", ""), _negated=True),
                fields=["read_at"],
                name="statement_line_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["new", "booked", "set_aside"])),
                name="statement_line_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="statement_line_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("receipt__isnull", False), ("state", "booked")),
                    models.Q(
                        models.Q(("state", "booked"), _negated=True),
                        ("attempt", None),
                        ("receipt", None),
                    ),
                    _connector="OR",
                ),
                name="statement_line_booked",
            ),
        ),
        migrations.RunPython(open_accounts, close_accounts),
    ]
