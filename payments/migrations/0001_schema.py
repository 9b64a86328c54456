import uuid
from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from shop.core.tables import CreateModels
from shop.core.triggers import append_only

BALANCED = Path(__file__).parent / "sql" / "ledger.sql"
CHART = {
    "gateway_clearing:xendit": "asset",
    "gateway_clearing:midtrans": "asset",
    "gateway_clearing:manual": "asset",
    "bank:main": "asset",
    "cod_receivable": "asset",
    "ppn_in": "asset",
    "customer_funds": "liability",
    "refunds_payable": "liability",
    "seller_payable": "liability",
    "ppn_out": "liability",
    "sales": "income",
    "shipping_income": "income",
    "commission": "income",
    "gateway_fee": "expense",
    "chargeback_loss": "expense",
    "rounding": "expense",
    "gateway_clearing:bank_transfer": "asset",
    "transfer_suffix": "income",
    "gateway_clearing:credit": "asset",
    "gift_cards": "liability",
    "store_credit": "liability",
    "goodwill": "expense",
    "credit_breakage": "income",
    "suspense": "liability",
    "gateway_clearing:cod": "asset",
    "courier_fee": "expense",
}


def open_accounts(apps, schema_editor):
    account = apps.get_model("payments", "LedgerAccount")
    account.objects.bulk_create(account(code=code, kind=kind) for code, kind in CHART.items())


# As `makemigrations` writes them.
TABLES = [
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
                "uploaded_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="read in by",
                ),
            ),
            (
                "uploaded_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="read in"
                ),
            ),
            ("first_on", models.DateField(verbose_name="from")),
            ("last_on", models.DateField(verbose_name="to")),
            ("known", models.PositiveIntegerField(default=0, verbose_name="known already")),
            ("outgoing", models.PositiveIntegerField(default=0, verbose_name="money that left")),
            (
                "uneven",
                models.PositiveIntegerField(default=0, verbose_name="with a part of a rupiah"),
            ),
            (
                "pending",
                models.PositiveIntegerField(default=0, verbose_name="not booked by the bank yet"),
            ),
        ],
        options={
            "verbose_name": "bank statement",
            "verbose_name_plural": "bank statements",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("first_on__lte", models.F("last_on"))),
                    name="statement_period",
                )
            ],
        },
    ),
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
        options={
            "indexes": [models.Index(fields=["hour"], name="card_guess_hour")],
            "constraints": [
                models.UniqueConstraint(fields=("network_key", "hour"), name="card_guess_once")
            ],
        },
    ),
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
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                ),
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
                "banned_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
                "uploaded_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="read in by",
                ),
            ),
            (
                "uploaded_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="read in"
                ),
            ),
            ("known", models.PositiveIntegerField(default=0, verbose_name="known already")),
        ],
        options={
            "verbose_name": "courier settlement",
            "verbose_name_plural": "courier settlements",
        },
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
                    choices=[
                        ("gift_card", "gift card"),
                        ("store_credit", "store credit"),
                        ("goodwill", "waived by the shop"),
                    ],
                    max_length=15,
                    verbose_name="kind",
                ),
            ),
            (
                "customer",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="customer",
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
            "permissions": [("approve_credit", "Can approve credit that somebody else asked for")],
            "indexes": [
                models.Index(
                    condition=models.Q(("expiry_due_at__isnull", False)),
                    fields=["expiry_due_at"],
                    name="credit_expiry_due",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["gift_card", "store_credit", "goodwill"])),
                    name="credit_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["active", "blocked"])), name="credit_state"
                ),
                models.CheckConstraint(
                    condition=models.Q(("balance_minor__gte", 0)), name="credit_never_negative"
                ),
                models.CheckConstraint(
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
                models.UniqueConstraint(
                    condition=models.Q(("code_hash", ""), _negated=True),
                    fields=("code_hash",),
                    name="credit_code_once",
                ),
                models.UniqueConstraint(
                    fields=("customer", "currency"), name="credit_one_for_each_customer"
                ),
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
            (
                "account",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="grants",
                    to="payments.creditaccount",
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
            ("recipient", models.EmailField(blank=True, max_length=254, verbose_name="recipient")),
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
                "requested_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="asked for by",
                ),
            ),
            (
                "requested_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="asked for"
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
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
        ],
        options={
            "verbose_name": "credit to be issued",
            "verbose_name_plural": "credit to be issued",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "draft")),
                    fields=["requested_at"],
                    name="credit_grant_open",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["draft", "done", "rejected"])),
                    name="credit_grant_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("amount_minor__gt", 0),
                        models.Q(
                            ("account__isnull", False),
                            ("amount_minor__lt", 0),
                            ("is_correction", True),
                        ),
                        _connector="OR",
                    ),
                    name="credit_grant_amount",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("state", "rejected"),
                        ("decided_by", None),
                        models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="credit_grant_two_persons",
                ),
            ],
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
                "account",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="movements",
                    to="payments.creditaccount",
                ),
            ),
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
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="by",
                ),
            ),
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
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind__in", ["issue", "redeem", "give_back", "refund", "expire", "adjust"])
                    ),
                    name="credit_movement_kind",
                ),
                models.CheckConstraint(
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
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentAttempt",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                ),
            ),
            ("seq", models.PositiveSmallIntegerField()),
            ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
            ("method", models.CharField(max_length=20, verbose_name="method")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "suffix_minor",
                models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="suffix"),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("reference", models.CharField(max_length=60, verbose_name="our reference")),
            (
                "gateway_ref",
                models.CharField(blank=True, max_length=80, verbose_name="gateway's id"),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("new", "new"),
                        ("submitting", "being submitted"),
                        ("unknown", "unknown, being looked up"),
                        ("pending", "awaiting the customer"),
                        ("succeeded", "paid"),
                        ("failed", "failed"),
                        ("expired", "expired"),
                        ("cancelled", "cancelled"),
                        ("abandoned", "abandoned"),
                    ],
                    default="new",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("actions", models.JSONField(default=list)),
            ("details", models.JSONField(default=dict)),
            ("failure_code", models.CharField(blank=True, max_length=60, verbose_name="failure")),
            ("expires_at", models.DateTimeField(verbose_name="to be paid by")),
            ("cancel_requested_at", models.DateTimeField(null=True)),
            ("next_poll_at", models.DateTimeField(null=True)),
            ("polls", models.PositiveIntegerField(default=0)),
            ("lookups_empty", models.PositiveSmallIntegerField(default=0)),
            ("last_lookup_at", models.DateTimeField(null=True)),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                ),
            ),
            ("submitted_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "payment attempt",
            "verbose_name_plural": "payment attempts",
            "indexes": [
                models.Index(
                    condition=models.Q(("next_poll_at__isnull", False)),
                    fields=["next_poll_at"],
                    name="attempt_poll_due",
                ),
                models.Index(
                    condition=models.Q(("gateway", "bank_transfer")),
                    fields=["currency", "amount_minor"],
                    name="attempt_transfer_amount",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            [
                                "new",
                                "submitting",
                                "unknown",
                                "pending",
                                "succeeded",
                                "failed",
                                "expired",
                                "cancelled",
                                "abandoned",
                            ],
                        )
                    ),
                    name="attempt_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gt", 0)), name="attempt_positive"
                ),
                models.UniqueConstraint(fields=("order", "seq"), name="attempt_seq_once"),
                models.UniqueConstraint(
                    fields=("gateway", "reference"), name="attempt_reference_once"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("gateway_ref", ""), _negated=True),
                    fields=("gateway", "gateway_ref"),
                    name="attempt_gateway_ref_once",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["new", "submitting", "unknown", "pending"])),
                    fields=("order", "method"),
                    name="attempt_one_open_per_method",
                ),
                models.UniqueConstraint(
                    condition=models.Q(
                        ("gateway", "bank_transfer"),
                        ("state__in", ["new", "submitting", "unknown", "pending"]),
                    ),
                    fields=("currency", "amount_minor"),
                    name="attempt_transfer_amount_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentReceipt",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            (
                "attempt",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="receipts",
                    to="payments.paymentattempt",
                ),
            ),
            ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
            ("payment_id", models.CharField(max_length=80, verbose_name="payment")),
            ("capture_id", models.CharField(max_length=80, verbose_name="capture")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "suffix_minor",
                models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="suffix"),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("captured_at", models.DateTimeField(verbose_name="captured")),
            (
                "booked_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="booked"
                ),
            ),
            (
                "disposition",
                models.CharField(
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
            (
                "refunded_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="given back"),
            ),
            (
                "refund_pending_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="being given back"),
            ),
            (
                "taken_back_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="taken back"),
            ),
        ],
        options={
            "verbose_name": "payment receipt",
            "verbose_name_plural": "payment receipts",
            "constraints": [
                models.UniqueConstraint(
                    fields=("gateway", "payment_id", "capture_id"), name="receipt_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gt", 0)), name="receipt_positive"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("refund_pending_minor__gte", 0),
                        ("refunded_minor__gte", 0),
                        ("taken_back_minor__gte", 0),
                        (
                            "amount_minor__gte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("suffix_minor"), "+", models.F("refunded_minor")
                                    ),
                                    "+",
                                    models.F("refund_pending_minor"),
                                ),
                                "+",
                                models.F("taken_back_minor"),
                            ),
                        ),
                    ),
                    name="receipt_given_back_once",
                ),
                models.CheckConstraint(
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
            ],
        },
    ),
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
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            (
                "due",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.refunddue",
                ),
            ),
            (
                "exception",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refunds",
                    to="payments.paymentexception",
                ),
            ),
            (
                "receipt",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refunds",
                    to="payments.paymentreceipt",
                ),
            ),
            (
                "channel",
                models.CharField(
                    choices=[
                        ("gateway", "back the way it came"),
                        ("bank_transfer", "by bank transfer"),
                        ("store_credit", "as credit"),
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
            ("failure_code", models.CharField(blank=True, max_length=60, verbose_name="failure")),
            (
                "requested_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="asked for by",
                ),
            ),
            (
                "requested_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="asked for"
                ),
            ),
            (
                "approved_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="approved by",
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
            (
                "paid_to",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    max_length=4,
                    verbose_name="account ending in",
                ),
            ),
            (
                "paid_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="transferred by",
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
            "indexes": [
                models.Index(
                    condition=models.Q(("next_try_at__isnull", False)),
                    fields=["next_try_at"],
                    name="refund_due_try",
                ),
                models.Index(
                    condition=models.Q(("state__in", ["draft", "awaiting_transfer"])),
                    fields=["requested_at"],
                    name="refund_for_staff",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
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
                models.CheckConstraint(
                    condition=models.Q(
                        ("channel__in", ["gateway", "bank_transfer", "store_credit"])
                    ),
                    name="refund_channel",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gt", 0)), name="refund_positive"
                ),
                models.CheckConstraint(
                    condition=models.Q(("due", None), ("exception", None), _connector="OR"),
                    name="refund_for_one_thing",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("receipt__isnull", False), ("due__isnull", False), _connector="OR"
                    ),
                    name="refund_of_something",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("refund_ref", ""), _negated=True),
                    fields=("gateway", "refund_ref"),
                    name="refund_ref_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("approved_by", None),
                        ("requested_by", None),
                        models.Q(("approved_by", models.F("requested_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="refund_two_persons",
                ),
            ],
        },
    ),
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
                    choices=[("", "none"), ("pending", "not settled yet"), ("settled", "settled")],
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
            (
                "receipt",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transactions",
                    to="payments.paymentreceipt",
                ),
            ),
            (
                "refund",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="transactions",
                    to="payments.refund",
                ),
            ),
            ("postings", models.PositiveSmallIntegerField(default=0)),
            ("next_match_at", models.DateTimeField(null=True, verbose_name="to be matched")),
            ("tries", models.PositiveIntegerField(default=0)),
        ],
        options={
            "verbose_name": "gateway transaction",
            "verbose_name_plural": "gateway transactions",
            "indexes": [
                models.Index(fields=["product_id"], name="gateway_transaction_product"),
                models.Index(fields=["reference"], name="gateway_transaction_reference"),
                models.Index(fields=["created_at"], name="gateway_transaction_created"),
                models.Index(
                    condition=models.Q(("settled_at__isnull", False)),
                    fields=["settled_at"],
                    name="gateway_transaction_settled",
                ),
                models.Index(
                    condition=models.Q(("next_match_at__isnull", False)),
                    fields=["next_match_at"],
                    name="gateway_transaction_due",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("gateway", "transaction_id"), name="gateway_transaction_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            [
                                "payment",
                                "refund",
                                "chargeback",
                                "withdrawal",
                                "adjustment",
                                "other",
                            ],
                        )
                    ),
                    name="gateway_transaction_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            ["pending", "succeeded", "failed", "voided", "reversed", "other"],
                        )
                    ),
                    name="gateway_transaction_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("settlement__in", ["", "pending", "settled"])),
                    name="gateway_transaction_settlement",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("amount_minor__gte", 0), ("fee_minor__gte", 0), ("fee_tax_minor__gte", 0)
                    ),
                    name="gateway_transaction_amounts",
                ),
                models.CheckConstraint(
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
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentException",
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
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            (
                "receipt",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="exception",
                    to="payments.paymentreceipt",
                ),
            ),
            (
                "transaction",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="exceptions",
                    to="payments.gatewaytransaction",
                    verbose_name="gateway transaction",
                ),
            ),
            ("key", models.CharField(blank=True, db_default="", max_length=120)),
            ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            (
                "opened_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="opened"
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="owner",
                ),
            ),
            ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved")),
            ("resolution", models.TextField(blank=True, verbose_name="resolution")),
        ],
        options={
            "verbose_name": "payment exception",
            "verbose_name_plural": "payment exceptions",
            "indexes": [
                models.Index(
                    condition=models.Q(("resolved_at", None)),
                    fields=["opened_at"],
                    name="exception_open",
                )
            ],
            "constraints": [
                models.CheckConstraint(
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
                models.UniqueConstraint(
                    condition=models.Q(("key", ""), _negated=True),
                    fields=("key",),
                    name="exception_once_by_key",
                ),
            ],
        },
    ),
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
                "exception",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="steps",
                    to="payments.paymentexception",
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
            (
                "actor",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="by",
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
            "constraints": [
                models.CheckConstraint(
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
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="FailingWork",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("name", models.CharField(max_length=30)),
            ("subject_id", models.BigIntegerField()),
            ("failures", models.PositiveIntegerField(default=1)),
            (
                "first_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            ("last_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("error", models.CharField(max_length=200)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("name", "subject_id"), name="failing_work_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="LedgerAccount",
        fields=[
            (
                "code",
                models.CharField(
                    max_length=60, primary_key=True, serialize=False, verbose_name="code"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("asset", "asset"),
                        ("liability", "liability"),
                        ("income", "income"),
                        ("expense", "expense"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
        ],
        options={
            "verbose_name": "ledger account",
            "verbose_name_plural": "ledger accounts",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["asset", "liability", "income", "expense"])),
                    name="ledger_account_kind",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="LedgerAdjustment",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "exception",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="adjustments",
                    to="payments.paymentexception",
                    verbose_name="payment exception",
                ),
            ),
            (
                "debit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.ledgeraccount",
                    verbose_name="debit",
                ),
            ),
            (
                "credit",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.ledgeraccount",
                    verbose_name="credit",
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("reason", models.CharField(max_length=200, verbose_name="reason")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "to be approved"),
                        ("posted", "booked"),
                        ("rejected", "rejected"),
                    ],
                    default="draft",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "requested_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="asked for by",
                ),
            ),
            (
                "requested_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="asked for"
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
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
        ],
        options={
            "verbose_name": "adjustment of the books",
            "verbose_name_plural": "adjustments of the books",
            "permissions": [
                (
                    "approve_ledgeradjustment",
                    "Can approve an adjustment that somebody else asked for",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["draft", "posted", "rejected"])),
                    name="adjustment_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("amount_minor__gt", 0),
                        models.Q(("debit", models.F("credit")), _negated=True),
                    ),
                    name="adjustment_moves",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "rejected"), _negated=True),
                    fields=("exception",),
                    name="adjustment_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("state", "rejected"),
                        ("decided_by", None),
                        models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="adjustment_two_persons",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="LedgerTransaction",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("kind", models.CharField(max_length=30, verbose_name="kind")),
            ("external_key", models.CharField(max_length=220, unique=True, verbose_name="key")),
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            ("occurred_at", models.DateTimeField(verbose_name="occurred")),
            (
                "booked_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="booked"
                ),
            ),
            (
                "reversal_of",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="reversed_by",
                    to="payments.ledgertransaction",
                ),
            ),
        ],
        options={
            "verbose_name": "ledger transaction",
            "verbose_name_plural": "ledger transactions",
        },
    ),
    migrations.CreateModel(
        name="LedgerEntry",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "transaction",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="entries",
                    to="payments.ledgertransaction",
                ),
            ),
            (
                "account",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="entries",
                    to="payments.ledgeraccount",
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="debit (+) or credit (−)")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
        ],
        options={
            "verbose_name": "ledger entry",
            "verbose_name_plural": "ledger entries",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("amount_minor", 0), _negated=True),
                    name="ledger_entry_not_zero",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentProof",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "refund",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.refund",
                ),
            ),
            (
                "attempt",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.paymentattempt",
                ),
            ),
            ("name", models.CharField(editable=False, max_length=100, unique=True)),
            (
                "kind",
                models.CharField(
                    choices=[("pdf", "PDF"), ("jpg", "JPEG"), ("png", "PNG"), ("webp", "WebP")],
                    max_length=4,
                    verbose_name="kind",
                ),
            ),
            ("size", models.PositiveIntegerField(verbose_name="bytes")),
            ("sha256", models.CharField(editable=False, max_length=64)),
            (
                "uploaded_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded"
                ),
            ),
            (
                "uploaded_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="uploaded by",
                ),
            ),
        ],
        options={
            "verbose_name": "proof of a transfer",
            "verbose_name_plural": "proofs of transfers",
            "indexes": [
                models.Index(
                    condition=models.Q(("attempt__isnull", False)),
                    fields=["uploaded_at"],
                    name="proof_to_be_forgotten",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("attempt__isnull", False), ("refund", None), ("uploaded_by", None)
                        ),
                        models.Q(
                            ("attempt", None),
                            ("refund__isnull", False),
                            ("uploaded_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="proof_of_one_thing",
                ),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["pdf", "jpg", "png", "webp"])),
                    name="proof_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(("size__gt", 0), ("size__lte", 5242880)), name="proof_size"
                ),
                models.UniqueConstraint(fields=("refund", "sha256"), name="proof_of_refund_once"),
                models.UniqueConstraint(fields=("attempt", "sha256"), name="proof_of_attempt_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PayoutAccount",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "order",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.order",
                ),
            ),
            (
                "refund",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.refund",
                ),
            ),
            ("sealed", models.BinaryField()),
            (
                "given_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="given"
                ),
            ),
            (
                "given_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "payout account",
            "verbose_name_plural": "payout accounts",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("order", None), ("refund__isnull", False)),
                        models.Q(("order__isnull", False), ("refund", None)),
                        _connector="OR",
                    ),
                    name="payout_account_of_one",
                )
            ],
        },
    ),
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
        options={
            "constraints": [
                models.UniqueConstraint(fields=("gateway", "began_at"), name="refused_hour_once")
            ]
        },
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
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="received"
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
            "indexes": [models.Index(fields=["received_at"], name="refused_webhook_received")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("reason__in", ["wrong", "absent", "large"])),
                    name="refused_webhook_reason",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SellerPayout",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "seller",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.seller",
                ),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ("paid_on", models.DateField(verbose_name="transferred on")),
            ("reference", models.CharField(max_length=60, verbose_name="the bank's reference")),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded"
                ),
            ),
            (
                "created_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "payout to a seller",
            "verbose_name_plural": "payouts to sellers",
            "indexes": [models.Index(fields=["seller", "created_at"], name="seller_payout_of")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gt", 0)), name="seller_payout_positive"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SellerTerms",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "seller",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="terms",
                    to="catalog.seller",
                ),
            ),
            ("valid_from", models.DateTimeField(verbose_name="for what is sold from")),
            (
                "commission_bp",
                models.PositiveSmallIntegerField(
                    validators=[django.core.validators.MaxValueValidator(10000)],
                    verbose_name="commission",
                ),
            ),
            (
                "sends_itself",
                models.BooleanField(
                    default=False,
                    help_text="Then what customers pay for sending is the seller's.",
                    verbose_name="sends its parcels itself",
                ),
            ),
            (
                "pays_after_days",
                models.PositiveSmallIntegerField(
                    default=14,
                    help_text="Counted from the sale. Give customers the time to return their goods.",
                    verbose_name="paid out after (days)",
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="agreed"
                ),
            ),
            (
                "created_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "terms of a seller",
            "verbose_name_plural": "terms of sellers",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("commission_bp__lte", 10000)),
                    name="seller_terms_commission",
                ),
                models.UniqueConstraint(fields=("seller", "valid_from"), name="seller_terms_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SellerShare",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "paper",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="share",
                    to="orders.invoice",
                ),
            ),
            (
                "seller",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.seller",
                ),
            ),
            (
                "terms",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="payments.sellerterms",
                ),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            (
                "goods_minor",
                models.BigIntegerField(help_text="with their tax", verbose_name="goods"),
            ),
            ("sending_minor", models.BigIntegerField(verbose_name="sending")),
            ("sending_tax_minor", models.BigIntegerField(verbose_name="tax of sending")),
            ("commission_minor", models.BigIntegerField(verbose_name="commission")),
            ("payable_minor", models.BigIntegerField(verbose_name="the seller's")),
            ("payable_on", models.DateField(verbose_name="paid out from")),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="written at"
                ),
            ),
        ],
        options={
            "verbose_name": "seller's part of a sale",
            "verbose_name_plural": "sellers' parts of sales",
            "indexes": [models.Index(fields=["seller", "created_at"], name="seller_share_of")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "payable_minor",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("goods_minor"), "+", models.F("sending_minor")
                                ),
                                "-",
                                models.F("commission_minor"),
                            ),
                        )
                    ),
                    name="seller_share_sum",
                )
            ],
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
            (
                "settlement",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="payments.couriersettlement",
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
                "receipt",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="settlement_line",
                    to="payments.paymentreceipt",
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
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
        ],
        options={
            "verbose_name": "settlement line",
            "verbose_name_plural": "settlement lines",
            "constraints": [
                models.UniqueConstraint(fields=("courier", "waybill"), name="settlement_line_once"),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["new", "booked", "set_aside"])),
                    name="settlement_line_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("collected_minor__gte", 0),
                        ("fee_minor__gte", 0),
                        models.Q(("collected_minor__gt", 0), ("fee_minor__gt", 0), _connector="OR"),
                    ),
                    name="settlement_line_amounts",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("receipt__isnull", False), ("state", "booked")),
                        models.Q(("collected_minor", 0), ("receipt", None), ("state", "booked")),
                        models.Q(models.Q(("state", "booked"), _negated=True), ("receipt", None)),
                        _connector="OR",
                    ),
                    name="settlement_line_booked",
                ),
            ],
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
            (
                "statement",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="payments.bankstatement",
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
            (
                "attempt",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="statement_lines",
                    to="payments.paymentattempt",
                ),
            ),
            (
                "receipt",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="statement_line",
                    to="payments.paymentreceipt",
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
            "indexes": [
                models.Index(fields=["booked_on", "amount_minor"], name="statement_line_twins"),
                models.Index(
                    condition=models.Q(("description", ""), _negated=True),
                    fields=["read_at"],
                    name="statement_line_words",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["new", "booked", "set_aside"])),
                    name="statement_line_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gt", 0)), name="statement_line_positive"
                ),
                models.CheckConstraint(
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
                models.UniqueConstraint(fields=("gateway", "name"), name="statement_reading_once"),
                models.CheckConstraint(
                    condition=models.Q(("name__in", ["hourly", "nightly"])),
                    name="statement_reading_name",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WebhookEvent",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
            ("webhook_id", models.CharField(blank=True, max_length=100, verbose_name="event id")),
            ("event", models.CharField(blank=True, max_length=60, verbose_name="event")),
            (
                "reference",
                models.CharField(blank=True, max_length=255, verbose_name="our reference"),
            ),
            (
                "gateway_ref",
                models.CharField(blank=True, max_length=100, verbose_name="gateway's id"),
            ),
            ("body", models.BinaryField()),
            ("body_sha256", models.CharField(max_length=64)),
            ("headers", models.JSONField(db_default={}, default=dict, verbose_name="headers")),
            ("redacted_at", models.DateTimeField(null=True, verbose_name="emptied")),
            (
                "secret",
                models.CharField(
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
            (
                "received_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="received"
                ),
            ),
            (
                "repeats",
                models.PositiveIntegerField(db_default=0, default=0, verbose_name="repeats"),
            ),
            ("last_repeat_at", models.DateTimeField(null=True, verbose_name="last repeat")),
            (
                "state",
                models.CharField(
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
            ("tries", models.PositiveSmallIntegerField(default=0)),
            (
                "next_try_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), null=True
                ),
            ),
            ("last_error", models.CharField(blank=True, max_length=300)),
            ("changed", models.JSONField(db_default=[], default=list)),
            ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
            (
                "replays",
                models.PositiveIntegerField(db_default=0, default=0, verbose_name="put back"),
            ),
        ],
        options={
            "verbose_name": "webhook event",
            "verbose_name_plural": "webhook events",
            "indexes": [
                models.Index(
                    condition=models.Q(("next_try_at__isnull", False)),
                    fields=["next_try_at"],
                    name="webhook_due",
                ),
                models.Index(fields=["gateway", "reference"], name="webhook_reference"),
                models.Index(
                    condition=models.Q(("redacted_at__isnull", True)),
                    fields=["received_at"],
                    name="webhook_with_body",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
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
                models.UniqueConstraint(
                    condition=models.Q(("webhook_id", ""), _negated=True),
                    fields=("gateway", "webhook_id"),
                    name="webhook_once",
                ),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("payments", "0001_initial"),
        ("payments", "0002_ledger_rules"),
        ("payments", "0003_refunds"),
        ("payments", "0004_refunds_owed"),
        ("payments", "0005_bank_transfer"),
        ("payments", "0006_transfer_amounts"),
        ("payments", "0007_payout_accounts"),
        ("payments", "0008_credit"),
        ("payments", "0009_gateway_transactions"),
        ("payments", "0010_cash_on_delivery"),
        ("payments", "0011_exceptions_once"),
        ("payments", "0012_webhooks_nobody_reads"),
        ("payments", "0013_refund_paid_to"),
        ("payments", "0014_payout_of_refund"),
        ("payments", "0015_refund_exceptions"),
        ("payments", "0016_failing_work"),
        ("payments", "0017_sellers_parts"),
        ("payments", "0018_exceptions_desk"),
        ("payments", "0019_validate_desk"),
        ("payments", "0020_proofs"),
        ("payments", "0021_taken_back"),
        ("payments", "0022_validate_taken_back"),
        ("payments", "0023_adjustments"),
        ("payments", "0024_webhooks_kept"),
        ("payments", "0025_webhooks_with_body"),
        ("payments", "0026_webhook_replays"),
        ("payments", "0027_webhook_changes"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("orders", "0001_schema"),
    ]

    operations = [
        CreateModels(TABLES),
        append_only("payments_ledgertransaction"),
        append_only("payments_ledgerentry"),
        append_only("payments_creditmovement"),
        append_only("payments_sellerterms"),
        append_only("payments_sellershare"),
        append_only("payments_sellerpayout"),
        append_only("payments_exceptionstep"),
        migrations.RunSQL(BALANCED.read_text(encoding="utf-8")),
        migrations.RunPython(open_accounts),
    ]
