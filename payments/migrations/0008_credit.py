import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from shop.core.triggers import append_only

CHART = {
    "gateway_clearing:credit": "asset",
    "gift_cards": "liability",
    "store_credit": "liability",
    "goodwill": "expense",
    "credit_breakage": "income",
}


def open_accounts(apps, schema_editor):
    account = apps.get_model("payments", "LedgerAccount")
    account.objects.bulk_create(account(code=code, kind=kind) for code, kind in CHART.items())


def close_accounts(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code__in=CHART).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_asking_couriers"),
        ("payments", "0007_payout_accounts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CardGuess",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network_key", models.CharField(max_length=32)),
                ("hour", models.BigIntegerField()),
                ("times", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="CreditAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("gift_card", "gift card"), ("store_credit", "store credit")],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                ("balance_minor", models.BigIntegerField(default=0, verbose_name="balance")),
                ("code_hash", models.CharField(blank=True, max_length=64)),
                ("last_four", models.CharField(blank=True, max_length=4, verbose_name="ends in")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("blocked", "blocked")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="valid until")),
                ("expiry_due_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                    ),
                ),
            ],
            options={
                "verbose_name": "gift card or store credit",
                "verbose_name_plural": "gift cards and store credit",
                "permissions": [
                    ("approve_credit", "Can approve credit that somebody else asked for")
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_correction", models.BooleanField(default=False)),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "currency",
                    models.CharField(
                        choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                        max_length=3,
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True, verbose_name="valid until")),
                (
                    "recipient",
                    models.EmailField(blank=True, max_length=254, verbose_name="recipient"),
                ),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("note", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "to be approved"),
                            ("done", "booked"),
                            ("rejected", "rejected"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="asked for",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
            ],
            options={
                "verbose_name": "credit to be issued",
                "verbose_name_plural": "credit to be issued",
            },
        ),
        migrations.CreateModel(
            name="CreditMovement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("issue", "issued"),
                            ("redeem", "paid an order"),
                            ("give_back", "given back: the order was not paid"),
                            ("refund", "refund of an order"),
                            ("expire", "lapsed"),
                            ("adjust", "corrected"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("amount_minor", models.BigIntegerField(verbose_name="in (+) or out (−)")),
                ("key", models.CharField(max_length=80, unique=True)),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "credit movement",
                "verbose_name_plural": "credit movements",
            },
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_channel",
        ),
        migrations.AlterField(
            model_name="refund",
            name="channel",
            field=models.CharField(
                choices=[
                    ("gateway", "back the way it came"),
                    ("bank_transfer", "by bank transfer"),
                    ("store_credit", "as credit"),
                ],
                max_length=15,
                verbose_name="way",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["gateway", "bank_transfer", "store_credit"])),
                name="refund_channel",
            ),
        ),
        migrations.AddIndex(
            model_name="cardguess",
            index=models.Index(fields=["hour"], name="card_guess_hour"),
        ),
        migrations.AddConstraint(
            model_name="cardguess",
            constraint=models.UniqueConstraint(
                fields=("network_key", "hour"), name="card_guess_once"
            ),
        ),
        migrations.AddField(
            model_name="creditaccount",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="creditgrant",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="payments.creditaccount",
            ),
        ),
        migrations.AddField(
            model_name="creditgrant",
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
            model_name="creditgrant",
            name="requested_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddField(
            model_name="creditmovement",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="payments.creditaccount",
            ),
        ),
        migrations.AddField(
            model_name="creditmovement",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="creditmovement",
            name="order",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.order",
            ),
        ),
        migrations.AddIndex(
            model_name="creditaccount",
            index=models.Index(
                condition=models.Q(("expiry_due_at__isnull", False)),
                fields=["expiry_due_at"],
                name="credit_expiry_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["gift_card", "store_credit"])), name="credit_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "blocked"])), name="credit_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance_minor__gte", 0)), name="credit_never_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer", None), ("kind", "gift_card")),
                    models.Q(
                        ("code_hash", ""), ("customer__isnull", False), ("kind", "store_credit")
                    ),
                    _connector="OR",
                ),
                name="credit_of_code_or_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code_hash", ""), _negated=True),
                fields=("code_hash",),
                name="credit_code_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditaccount",
            constraint=models.UniqueConstraint(
                fields=("customer", "currency"), name="credit_one_for_each_customer"
            ),
        ),
        migrations.AddIndex(
            model_name="creditgrant",
            index=models.Index(
                condition=models.Q(("state", "draft")),
                fields=["requested_at"],
                name="credit_grant_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "done", "rejected"])),
                name="credit_grant_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    models.Q(
                        ("account__isnull", False), ("amount_minor__lt", 0), ("is_correction", True)
                    ),
                    _connector="OR",
                ),
                name="credit_grant_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "rejected"),
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="credit_grant_two_persons",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["issue", "redeem", "give_back", "refund", "expire", "adjust"])
                ),
                name="credit_movement_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor__gt", 0), ("kind__in", ["issue", "give_back", "refund"])
                    ),
                    models.Q(("amount_minor__lt", 0), ("kind__in", ["redeem", "expire"])),
                    models.Q(("kind", "adjust"), models.Q(("amount_minor", 0), _negated=True)),
                    _connector="OR",
                ),
                name="credit_movement_direction",
            ),
        ),
        append_only("payments_creditmovement"),
        migrations.RunPython(open_accounts, close_accounts),
    ]
