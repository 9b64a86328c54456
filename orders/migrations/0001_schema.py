import datetime
import uuid
from datetime import date
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import orders.models.order
import orders.models.shipping
import orders.models.tax
from orders.regions import files
from orders.regions.loading import load_country
from shop.core.tables import CreateModels
from shop.core.triggers import append_only

SEALED = Path(__file__).parent / "sql" / "invoices.sql"
# PMK 131/2024: 12 % of 11/12 of the price, of the whole price for luxury goods. Charged only by
# sellers who are registered for it.
PPN = (("standard", 11, 12), ("luxury", 1, 1))


def add_regions(apps, schema_editor):
    for country in files.countries():
        load_country(country)


def add_ppn(apps, schema_editor):
    """Indonesia's rates since 2025."""
    rates = apps.get_model("orders", "TaxRate").objects
    for tax_class, numerator, denominator in PPN:
        rates.create(
            country="ID",
            tax_class=tax_class,
            name="PPN",
            rate=12,
            base_numerator=numerator,
            base_denominator=denominator,
            valid_from=date(2025, 1, 1),
        )


# As `makemigrations` writes them.
TABLES = [
    migrations.CreateModel(
        name="Order",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "number",
                models.CharField(
                    default=orders.models.order.new_number,
                    max_length=12,
                    unique=True,
                    verbose_name="number",
                ),
            ),
            (
                "token",
                models.CharField(
                    default=orders.models.order.new_token,
                    editable=False,
                    max_length=43,
                    unique=True,
                ),
            ),
            ("holder", models.UUIDField(default=uuid.uuid4, editable=False)),
            (
                "status",
                models.CharField(
                    choices=[
                        ("pending", "awaiting payment"),
                        ("confirmed", "confirmed"),
                        ("closed", "closed"),
                        ("cancelled", "cancelled"),
                        ("expired", "expired"),
                    ],
                    default="pending",
                    max_length=10,
                    verbose_name="status",
                ),
            ),
            (
                "customer",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("cart_token", models.UUIDField(editable=False, null=True)),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("subtotal_minor", models.BigIntegerField(verbose_name="goods")),
            ("discount_minor", models.BigIntegerField(default=0, verbose_name="discount")),
            ("shipping_minor", models.BigIntegerField(verbose_name="shipping")),
            (
                "shipping_discount_minor",
                models.BigIntegerField(
                    db_default=0, default=0, verbose_name="discount on shipping"
                ),
            ),
            ("tax_minor", models.BigIntegerField(default=0, verbose_name="tax")),
            (
                "tax_added_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="tax added"),
            ),
            ("rounding_minor", models.BigIntegerField(default=0, verbose_name="rounding")),
            ("total_minor", models.BigIntegerField(verbose_name="total")),
            (
                "collect_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="to be collected"),
            ),
            ("basket", models.JSONField(editable=False, null=True)),
            (
                "placed_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="placed"
                ),
            ),
            ("reserve_until", models.DateTimeField(verbose_name="to be paid by")),
            ("next_expiry_at", models.DateTimeField(editable=False, null=True)),
            (
                "fulfilment",
                models.CharField(
                    choices=[
                        ("unfulfilled", "to be sent"),
                        ("partially_shipped", "partly sent"),
                        ("shipped", "sent"),
                        ("delivered", "delivered"),
                        ("returned", "returned"),
                    ],
                    db_default="unfulfilled",
                    default="unfulfilled",
                    editable=False,
                    max_length=20,
                    verbose_name="goods",
                ),
            ),
            ("close_due_at", models.DateTimeField(editable=False, null=True)),
            (
                "confirmed_at",
                models.DateTimeField(editable=False, null=True, verbose_name="confirmed at"),
            ),
            ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended at")),
            ("invoiced_at", models.DateTimeField(editable=False, null=True)),
            ("invoice_retry_at", models.DateTimeField(editable=False, null=True)),
        ],
        options={
            "verbose_name": "order",
            "verbose_name_plural": "orders",
            "permissions": [("exceed_open_orders", "Can exceed the limit of unpaid orders")],
            "indexes": [
                models.Index(fields=["-placed_at", "-id"], name="order_newest"),
                models.Index(
                    condition=models.Q(("status", "pending")),
                    fields=["next_expiry_at"],
                    name="order_expiry_due",
                ),
                models.Index(fields=["status", "-placed_at"], name="order_by_status"),
                models.Index(
                    condition=models.Q(
                        ("fulfilment__in", ["unfulfilled", "partially_shipped"]),
                        ("status__in", ["confirmed", "closed"]),
                    ),
                    fields=["-placed_at", "-id"],
                    name="order_to_ship",
                ),
                models.Index(
                    condition=models.Q(
                        ("fulfilment__in", ["shipped", "delivered", "returned"]),
                        ("status__in", ["confirmed", "closed"]),
                    ),
                    fields=["-placed_at", "-id"],
                    name="order_sent",
                ),
                models.Index(
                    condition=models.Q(("status", "pending")),
                    fields=["-placed_at", "-id"],
                    name="order_unpaid",
                ),
                models.Index(
                    condition=models.Q(("status__in", ["cancelled", "expired"])),
                    fields=["-placed_at", "-id"],
                    name="order_ended",
                ),
                models.Index(
                    condition=models.Q(("status__in", ["pending", "expired", "cancelled"])),
                    fields=["cart_token"],
                    name="order_unpaid_of_cart",
                ),
                models.Index(
                    condition=models.Q(("status", "confirmed")),
                    fields=["close_due_at"],
                    name="order_close_due",
                ),
                models.Index(
                    condition=models.Q(("confirmed_at__isnull", False), ("invoiced_at", None)),
                    fields=["confirmed_at", "id"],
                    name="order_invoice_due",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("status__in", ["pending", "confirmed", "closed", "cancelled", "expired"])
                    ),
                    name="order_status",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "total_minor",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("subtotal_minor"),
                                                "-",
                                                models.F("discount_minor"),
                                            ),
                                            "+",
                                            models.F("shipping_minor"),
                                        ),
                                        "-",
                                        models.F("shipping_discount_minor"),
                                    ),
                                    "+",
                                    models.F("tax_added_minor"),
                                ),
                                "+",
                                models.F("rounding_minor"),
                            ),
                        )
                    ),
                    name="order_total_adds_up",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("discount_minor__gte", 0),
                        ("discount_minor__lte", models.F("subtotal_minor")),
                        ("shipping_discount_minor__gte", 0),
                        ("shipping_discount_minor__lte", models.F("shipping_minor")),
                        ("shipping_minor__gte", 0),
                        ("subtotal_minor__gte", 0),
                        ("tax_added_minor__gte", 0),
                        ("tax_added_minor__lte", models.F("tax_minor")),
                        ("total_minor__gte", 0),
                    ),
                    name="order_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("collect_minor__gte", 0), ("collect_minor__lte", models.F("total_minor"))
                    ),
                    name="order_collects_its_total",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status__in", ["confirmed", "closed"]), _negated=True),
                        ("confirmed_at__isnull", False),
                        _connector="OR",
                    ),
                    name="order_confirmed_at",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "fulfilment__in",
                            [
                                "unfulfilled",
                                "partially_shipped",
                                "shipped",
                                "delivered",
                                "returned",
                            ],
                        )
                    ),
                    name="order_fulfilment",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("status", "pending")),
                    fields=("cart_token",),
                    name="order_one_open_per_cart",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FulfilmentGroup",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="groups",
                    to="orders.order",
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
                "location",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.location",
                ),
            ),
            ("seller_name", models.CharField(max_length=120, verbose_name="seller")),
            ("ships_from", models.CharField(max_length=80, verbose_name="ships from")),
            ("courier", models.CharField(max_length=40, verbose_name="courier")),
            ("service", models.CharField(max_length=40, verbose_name="service")),
            ("service_name", models.CharField(max_length=80, verbose_name="service shown")),
            ("shipping_minor", models.BigIntegerField(verbose_name="shipping")),
            (
                "discount_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="discount"),
            ),
            ("tax_minor", models.BigIntegerField(db_default=0, default=0, verbose_name="tax")),
            (
                "tax_added_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="tax added"),
            ),
            ("weight_grams", models.PositiveIntegerField(verbose_name="weight in grams")),
            (
                "volume_cm3",
                models.PositiveIntegerField(db_default=0, default=0, verbose_name="volume in cm³"),
            ),
            (
                "charged_grams",
                models.PositiveIntegerField(null=True, verbose_name="charged weight in grams"),
            ),
            (
                "eta_min_days",
                models.PositiveSmallIntegerField(null=True, verbose_name="days at least"),
            ),
            (
                "eta_max_days",
                models.PositiveSmallIntegerField(null=True, verbose_name="days at most"),
            ),
            (
                "source",
                models.CharField(
                    choices=[
                        ("table", "rate table"),
                        ("biteship", "Biteship"),
                        ("rajaongkir", "RajaOngkir"),
                    ],
                    db_default="table",
                    default="table",
                    max_length=20,
                    verbose_name="price by",
                ),
            ),
            (
                "rate_reference",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    max_length=120,
                    verbose_name="reference of the rate",
                ),
            ),
            ("quoted_at", models.DateTimeField(null=True, verbose_name="quoted at")),
        ],
        options={
            "verbose_name": "fulfilment group",
            "verbose_name_plural": "fulfilment groups",
            "constraints": [
                models.UniqueConstraint(
                    fields=("order", "seller", "location"), name="fulfilment_group_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("shipping_minor__gte", 0)),
                    name="fulfilment_group_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(("source__in", ["table", "biteship", "rajaongkir"])),
                    name="fulfilment_group_source",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("discount_minor__gte", 0),
                        ("discount_minor__lte", models.F("shipping_minor")),
                        ("tax_added_minor__gte", 0),
                        ("tax_added_minor__lte", models.F("tax_minor")),
                    ),
                    name="fulfilment_group_amounts",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderLine",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="orders.order",
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="orders.fulfilmentgroup",
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.variant",
                ),
            ),
            ("stock_item_id", models.BigIntegerField(verbose_name="stock item")),
            ("product_name", models.CharField(max_length=200, verbose_name="product")),
            ("variant_name", models.CharField(blank=True, max_length=120, verbose_name="variant")),
            ("sku", models.CharField(blank=True, max_length=80, verbose_name="SKU")),
            (
                "weight_grams",
                models.PositiveIntegerField(default=0, verbose_name="weight in grams"),
            ),
            (
                "replaces",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="replacements",
                    to="orders.orderline",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            ("unit_price_minor", models.BigIntegerField(verbose_name="unit price")),
            ("discount_minor", models.BigIntegerField(default=0, verbose_name="discount")),
            ("tax_minor", models.BigIntegerField(default=0, verbose_name="tax")),
            (
                "tax_added_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="tax added"),
            ),
            ("total_minor", models.BigIntegerField(verbose_name="total")),
        ],
        options={
            "verbose_name": "order line",
            "verbose_name_plural": "order lines",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("quantity__gt", 0)), name="order_line_quantity"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "total_minor",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("unit_price_minor"), "*", models.F("quantity")
                                    ),
                                    "-",
                                    models.F("discount_minor"),
                                ),
                                "+",
                                models.F("tax_added_minor"),
                            ),
                        )
                    ),
                    name="order_line_adds_up",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("discount_minor__gte", 0),
                        ("tax_added_minor__gte", 0),
                        ("tax_added_minor__lte", models.F("tax_minor")),
                        ("total_minor__gte", 0),
                        ("unit_price_minor__gte", 0),
                    ),
                    name="order_line_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("replaces", None), ("unit_price_minor", 0), _connector="OR"
                    ),
                    name="order_line_replaces_free",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Adjustment",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="adjustments",
                    to="orders.order",
                ),
            ),
            (
                "line",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="adjustments",
                    to="orders.orderline",
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="adjustments",
                    to="orders.fulfilmentgroup",
                ),
            ),
            ("step", models.PositiveSmallIntegerField()),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("list_price", "list price"),
                        ("promotion", "promotion"),
                        ("coupon", "coupon"),
                        ("shipping", "shipping"),
                        ("tax", "tax"),
                        ("rounding", "rounding"),
                    ],
                    max_length=10,
                ),
            ),
            ("label", models.CharField(max_length=200, verbose_name="label")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "code",
                models.CharField(blank=True, db_default="", max_length=40, verbose_name="coupon"),
            ),
            ("promotion_id", models.BigIntegerField(editable=False, null=True)),
            ("is_included", models.BooleanField(default=False)),
        ],
        options={
            "verbose_name": "adjustment",
            "verbose_name_plural": "adjustments",
            "constraints": [
                models.UniqueConstraint(fields=("order", "step"), name="adjustment_step_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            ["list_price", "promotion", "coupon", "shipping", "tax", "rounding"],
                        )
                    ),
                    name="adjustment_kind",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BuyerKey",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="buyer_keys",
                    to="orders.order",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("account", "account"),
                        ("email", "e-mail"),
                        ("phone", "phone"),
                        ("address", "address"),
                    ],
                    max_length=10,
                ),
            ),
            ("key", models.CharField(max_length=32)),
        ],
        options={
            "indexes": [models.Index(fields=["key", "order"], name="buyer_key_orders")],
            "constraints": [
                models.UniqueConstraint(fields=("order", "kind"), name="buyer_key_once"),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["account", "email", "phone", "address"])),
                    name="buyer_key_kind",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Cart",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "customer",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("coupon_code", models.CharField(blank=True, db_default="", max_length=40)),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            (
                "updated_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "verbose_name": "cart",
            "verbose_name_plural": "carts",
            "indexes": [models.Index(fields=["updated_at"], name="cart_age")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("customer__isnull", False)),
                    fields=("customer",),
                    name="cart_one_per_customer",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CartLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "cart",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="orders.cart",
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="catalog.variant",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            ("seen_price_minor", models.BigIntegerField()),
            (
                "added_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "verbose_name": "cart line",
            "verbose_name_plural": "cart lines",
            "constraints": [
                models.UniqueConstraint(fields=("cart", "variant"), name="cart_line_once"),
                models.CheckConstraint(
                    condition=models.Q(("quantity__gte", 1), ("quantity__lte", 99)),
                    name="cart_line_quantity",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Promotion",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name for staff")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("percentage", "percentage off"),
                        ("fixed", "amount off"),
                        ("free_shipping", "free shipping"),
                        ("buy_x_get_y", "buy some, get some cheaper"),
                        ("tiered", "the more, the cheaper"),
                    ],
                    max_length=20,
                    verbose_name="what it gives",
                ),
            ),
            (
                "needs_code",
                models.BooleanField(
                    default=True,
                    help_text="Otherwise every cart that fulfils its conditions gets it.",
                    verbose_name="with a code only",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            (
                "valid_from",
                models.DateTimeField(default=django.utils.timezone.now, verbose_name="from"),
            ),
            ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            (
                "minimum_minor",
                models.BigIntegerField(
                    default=0,
                    help_text="Worth of the goods it applies to; 0 for none.",
                    verbose_name="minimum",
                ),
            ),
            (
                "percent",
                models.DecimalField(
                    decimal_places=2, default=0, max_digits=5, verbose_name="percent"
                ),
            ),
            ("amount_minor", models.BigIntegerField(default=0, verbose_name="amount")),
            (
                "max_discount_minor",
                models.BigIntegerField(
                    default=0,
                    help_text="The most it takes off an order; 0 for no limit.",
                    verbose_name="at most",
                ),
            ),
            ("buy", models.PositiveSmallIntegerField(default=0, verbose_name="buy")),
            ("get", models.PositiveSmallIntegerField(default=0, verbose_name="get")),
            (
                "excludes_reduced",
                models.BooleanField(default=False, verbose_name="not for reduced goods"),
            ),
            (
                "first_order_only",
                models.BooleanField(default=False, verbose_name="first order only"),
            ),
            (
                "priority",
                models.PositiveSmallIntegerField(
                    default=100,
                    help_text="The smallest number is applied first.",
                    verbose_name="order",
                ),
            ),
            (
                "combines",
                models.BooleanField(
                    default=True,
                    help_text="One that does not is given only where it takes off more than all others.",
                    verbose_name="combines with others",
                ),
            ),
            (
                "max_uses",
                models.PositiveIntegerField(blank=True, null=True, verbose_name="uses in all"),
            ),
            (
                "max_uses_per_customer",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="uses per customer"
                ),
            ),
            ("uses", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
            (
                "products",
                models.ManyToManyField(
                    blank=True, related_name="+", to="catalog.product", verbose_name="products"
                ),
            ),
            (
                "categories",
                models.ManyToManyField(
                    blank=True, related_name="+", to="catalog.category", verbose_name="categories"
                ),
            ),
        ],
        options={
            "verbose_name": "promotion",
            "verbose_name_plural": "promotions",
            "indexes": [
                models.Index(
                    condition=models.Q(("is_active", True), ("needs_code", False)),
                    fields=["priority", "id"],
                    name="promotion_automatic",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            ["percentage", "fixed", "free_shipping", "buy_x_get_y", "tiered"],
                        )
                    ),
                    name="promotion_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("minimum_minor__gte", 0),
                        ("percent__gte", 0),
                        ("percent__lte", 100),
                        ("amount_minor__gte", 0),
                        ("max_discount_minor__gte", 0),
                    ),
                    name="promotion_amounts",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "percentage"), ("percent__gt", 0)),
                        models.Q(("amount_minor__gt", 0), ("kind", "fixed")),
                        models.Q(
                            ("buy__gt", 0),
                            ("get__gt", 0),
                            ("kind", "buy_x_get_y"),
                            ("percent__gt", 0),
                        ),
                        ("kind__in", ["free_shipping", "tiered"]),
                        _connector="OR",
                    ),
                    name="promotion_gives_something",
                    violation_error_message="Say what it gives: a percentage, an amount, or how many to buy, to get, and by which percentage those are cheaper (100 for free).",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("valid_until", None),
                        ("valid_until__gt", models.F("valid_from")),
                        _connector="OR",
                    ),
                    name="promotion_period",
                    violation_error_message="It must end after it begins.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("max_uses", None), ("uses__lte", models.F("max_uses")), _connector="OR"
                    ),
                    name="promotion_not_overused",
                    violation_error_message="It has been used more often than that already.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Coupon",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="coupons",
                    to="orders.promotion",
                ),
            ),
            ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            (
                "max_uses",
                models.PositiveIntegerField(blank=True, null=True, verbose_name="uses in all"),
            ),
            ("uses", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
        ],
        options={
            "verbose_name": "coupon",
            "verbose_name_plural": "coupons",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("code", django.db.models.functions.text.Upper("code")),
                        models.Q(("code", ""), _negated=True),
                        models.Q(("code__contains", " "), _negated=True),
                    ),
                    name="coupon_code_in_capitals",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("max_uses", None), ("uses__lte", models.F("max_uses")), _connector="OR"
                    ),
                    name="coupon_not_overused",
                    violation_error_message="It has been used more often than that already.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CourierArea",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "source",
                models.CharField(
                    choices=[
                        ("table", "rate table"),
                        ("biteship", "Biteship"),
                        ("rajaongkir", "RajaOngkir"),
                    ],
                    max_length=20,
                    verbose_name="API",
                ),
            ),
            ("region", models.CharField(blank=True, max_length=13, verbose_name="region")),
            ("postal_code", models.CharField(max_length=12, verbose_name="postal code")),
            (
                "area_id",
                models.CharField(
                    blank=True,
                    help_text="Empty: the API did not know the place. Fill it in if you know better.",
                    max_length=80,
                    verbose_name="the API's area",
                ),
            ),
            (
                "label",
                models.CharField(blank=True, max_length=200, verbose_name="what the API calls it"),
            ),
            (
                "looked_up_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(),
                    editable=False,
                    verbose_name="looked up at",
                ),
            ),
        ],
        options={
            "verbose_name": "courier area",
            "verbose_name_plural": "courier areas",
            "constraints": [
                models.UniqueConstraint(
                    fields=("source", "region", "postal_code"), name="courier_area_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("source__in", ["table", "biteship", "rajaongkir"])),
                    name="courier_area_source",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CourierNews",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("courier", models.CharField(max_length=40, verbose_name="courier")),
            ("tracking_number", models.CharField(max_length=60, verbose_name="tracking number")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("in_transit", "on its way"),
                        ("delivered", "delivered"),
                        ("lost", "lost"),
                        ("returned_to_sender", "returned to sender"),
                    ],
                    max_length=20,
                    verbose_name="status",
                ),
            ),
            ("happened_at", models.DateTimeField(verbose_name="happened at")),
            (
                "raw_reference",
                models.CharField(
                    blank=True, max_length=120, verbose_name="the courier's reference"
                ),
            ),
            (
                "received_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="received at"
                ),
            ),
            ("matched_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "news of a courier",
            "verbose_name_plural": "news of couriers",
            "indexes": [
                models.Index(
                    condition=models.Q(("matched_at", None)),
                    fields=["received_at"],
                    name="courier_news_unmatched",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("status__in", ["in_transit", "delivered", "lost", "returned_to_sender"])
                    ),
                    name="courier_news_status",
                ),
                models.UniqueConstraint(
                    fields=("courier", "tracking_number", "status", "happened_at"),
                    name="courier_news_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CourierService",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "courier",
                models.CharField(
                    help_text="The code of the API, such as jne.",
                    max_length=40,
                    verbose_name="courier",
                ),
            ),
            (
                "service",
                models.CharField(
                    blank=True,
                    help_text="The code of the API, such as reg. Empty: all others of this courier.",
                    max_length=40,
                    verbose_name="service",
                ),
            ),
            (
                "name",
                models.CharField(
                    blank=True,
                    help_text="Empty: the name of the API.",
                    max_length=80,
                    verbose_name="name shown",
                ),
            ),
            (
                "fee_minor",
                models.PositiveBigIntegerField(
                    default=0,
                    help_text="Added to the price of every parcel.",
                    verbose_name="handling fee",
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="offered")),
        ],
        options={
            "verbose_name": "courier service",
            "verbose_name_plural": "courier services",
            "constraints": [
                models.UniqueConstraint(
                    django.db.models.functions.text.Lower("courier"),
                    django.db.models.functions.text.Lower("service"),
                    name="courier_service_once",
                    violation_error_message="There is a row for this service already.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Return",
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
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="returns",
                    to="orders.order",
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("seq", models.PositiveSmallIntegerField(verbose_name="number")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("requested", "requested"),
                        ("approved", "approved, on its way back"),
                        ("rejected", "rejected"),
                        ("received", "received, to be settled"),
                        ("settled", "settled"),
                        ("cancelled", "cancelled"),
                    ],
                    default="requested",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "outcome",
                models.CharField(
                    choices=[("refund", "Money back"), ("exchange", "Another size or colour")],
                    max_length=10,
                    verbose_name="wanted",
                ),
            ),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("too_small", "Too small"),
                        ("too_large", "Too large"),
                        ("damaged", "Damaged or faulty"),
                        ("wrong_item", "Not what I ordered"),
                        ("not_as_shown", "Looks different from the pictures"),
                        ("changed_mind", "I changed my mind"),
                        ("other", "Another reason"),
                    ],
                    max_length=20,
                    verbose_name="reason",
                ),
            ),
            (
                "note",
                models.CharField(blank=True, max_length=500, verbose_name="note of the customer"),
            ),
            (
                "answer",
                models.CharField(blank=True, max_length=500, verbose_name="answer of the shop"),
            ),
            ("holder", models.UUIDField(default=uuid.uuid4, editable=False)),
            (
                "requested_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(),
                    verbose_name="requested at",
                ),
            ),
            (
                "requested_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
            ("due_at", models.DateTimeField(null=True, verbose_name="to arrive by")),
            ("received_at", models.DateTimeField(null=True, verbose_name="received at")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "return",
            "verbose_name_plural": "returns",
            "indexes": [
                models.Index(
                    condition=models.Q(("state__in", ["requested", "approved", "received"])),
                    fields=["order"],
                    name="return_open",
                ),
                models.Index(
                    condition=models.Q(("state", "approved")), fields=["due_at"], name="return_due"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("order", "seq"), name="return_number_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            [
                                "requested",
                                "approved",
                                "rejected",
                                "received",
                                "settled",
                                "cancelled",
                            ],
                        )
                    ),
                    name="return_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("outcome__in", ["refund", "exchange"])),
                    name="return_outcome",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "reason__in",
                            [
                                "too_small",
                                "too_large",
                                "damaged",
                                "wrong_item",
                                "not_as_shown",
                                "changed_mind",
                                "other",
                            ],
                        )
                    ),
                    name="return_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["received", "settled"]), _negated=True),
                        ("received_at__isnull", False),
                        _connector="OR",
                    ),
                    name="return_received_at",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "settled"), _negated=True),
                        ("settled_at__isnull", False),
                        _connector="OR",
                    ),
                    name="return_settled_at",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Shipment",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="shipments",
                    to="orders.fulfilmentgroup",
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[
                        ("packed", "packed"),
                        ("shipped", "shipped"),
                        ("delivered", "delivered"),
                        ("lost", "lost"),
                        ("returned_to_sender", "returned to sender"),
                    ],
                    default="packed",
                    max_length=20,
                    verbose_name="status",
                ),
            ),
            ("courier", models.CharField(max_length=40, verbose_name="courier")),
            (
                "tracking_number",
                models.CharField(blank=True, max_length=60, verbose_name="tracking number"),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
            ("shipped_at", models.DateTimeField(null=True, verbose_name="shipped at")),
            ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered at")),
            (
                "is_assumed",
                models.BooleanField(db_default=False, default=False, verbose_name="assumed"),
            ),
            ("delivery_due_at", models.DateTimeField(editable=False, null=True)),
            (
                "decision",
                models.CharField(
                    blank=True,
                    choices=[("resend", "send again"), ("refund", "give the money back")],
                    db_default="",
                    default="",
                    max_length=10,
                    verbose_name="decision",
                ),
            ),
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
            (
                "ask_due_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), editable=False, null=True
                ),
            ),
            ("asks", models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
            ("asked_at", models.DateTimeField(editable=False, null=True, verbose_name="asked at")),
            (
                "courier_word",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    max_length=60,
                    verbose_name="the courier's word",
                ),
            ),
        ],
        options={
            "verbose_name": "shipment",
            "verbose_name_plural": "shipments",
            "indexes": [
                models.Index(
                    condition=models.Q(("status", "shipped")),
                    fields=["delivery_due_at"],
                    name="shipment_delivery_due",
                ),
                models.Index(
                    django.db.models.functions.text.Upper("tracking_number"), name="shipment_number"
                ),
                models.Index(
                    condition=models.Q(
                        ("status", "shipped"), ("is_assumed", True), _connector="OR"
                    ),
                    fields=["ask_due_at"],
                    name="shipment_ask_due",
                ),
                models.Index(
                    condition=models.Q(
                        ("decision", ""), ("status__in", ["lost", "returned_to_sender"])
                    ),
                    fields=["group"],
                    name="shipment_astray",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "status__in",
                            ["packed", "shipped", "delivered", "lost", "returned_to_sender"],
                        )
                    ),
                    name="shipment_status",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("tracking_number", ""), _negated=True),
                    fields=("group", "courier", "tracking_number"),
                    name="shipment_number_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("status", "packed"),
                        models.Q(("tracking_number", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="shipment_has_number",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("decision", ""),
                        ("status__in", ["lost", "returned_to_sender"]),
                        _connector="OR",
                    ),
                    name="shipment_decision",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RefundDue",
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
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refunds_due",
                    to="orders.order",
                ),
            ),
            (
                "goods_return",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refund_due",
                    to="orders.return",
                ),
            ),
            (
                "shipment",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refund_due",
                    to="orders.shipment",
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "uncollected_minor",
                models.BigIntegerField(db_default=0, default=0, verbose_name="never paid"),
            ),
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
                    blank=True,
                    db_default="",
                    default="",
                    max_length=500,
                    verbose_name="why not all of it",
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="owed since"
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
            ("paid_at", models.DateTimeField(null=True, verbose_name="paid at")),
            ("paid_on", models.DateField(null=True, verbose_name="paid on")),
            (
                "paid_reference",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    max_length=60,
                    verbose_name="reference of the transfer",
                ),
            ),
            (
                "paid_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "refund due",
            "verbose_name_plural": "refunds due",
            "indexes": [
                models.Index(
                    condition=models.Q(("paid_at", None)), fields=["order"], name="refund_due_open"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("goods_return", None), ("shipment", None), _connector="OR"),
                    name="refund_due_for_one_thing",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("goods_return", None), ("shipment", None)),
                    fields=("order",),
                    name="refund_due_called_off_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("paid_at", None),
                        ("amount_minor", 0),
                        ("paid_on__isnull", False),
                        _connector="OR",
                    ),
                    name="refund_due_paid_on",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gte", 0)), name="refund_due_not_negative"
                ),
                models.CheckConstraint(
                    condition=models.Q(("uncollected_minor__gte", 0)), name="refund_due_never_paid"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Invoice",
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
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="invoices",
                    to="orders.order",
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
                "kind",
                models.CharField(
                    choices=[("invoice", "invoice"), ("credit_note", "credit note")],
                    max_length=11,
                    verbose_name="kind",
                ),
            ),
            ("year", models.PositiveSmallIntegerField(verbose_name="year")),
            ("number", models.PositiveIntegerField(null=True, verbose_name="number")),
            (
                "reference",
                models.CharField(
                    blank=True, db_default="", max_length=40, verbose_name="printed number"
                ),
            ),
            (
                "refers_to",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="credit_notes",
                    to="orders.invoice",
                ),
            ),
            (
                "refund_due",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="credit_notes",
                    to="orders.refunddue",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("returned", "goods returned"),
                        ("not_delivered", "parcel not delivered"),
                        ("cancelled", "order cancelled"),
                    ],
                    max_length=15,
                    verbose_name="reason",
                ),
            ),
            ("seller_name", models.CharField(max_length=120, verbose_name="seller")),
            ("tax_number", models.CharField(blank=True, max_length=40, verbose_name="tax number")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("total_minor", models.BigIntegerField(verbose_name="total")),
            ("base_minor", models.BigIntegerField(verbose_name="tax base")),
            ("tax_minor", models.BigIntegerField(verbose_name="tax")),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="written at"
                ),
            ),
            ("sealed_at", models.DateTimeField(null=True, verbose_name="numbered at")),
        ],
        options={
            "verbose_name": "invoice",
            "verbose_name_plural": "invoices",
            "indexes": [
                models.Index(
                    condition=models.Q(("number", None)),
                    fields=["created_at"],
                    name="invoice_unsealed",
                ),
                models.Index(fields=["reference"], name="invoice_reference"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["invoice", "credit_note"])),
                    name="invoice_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "invoice"), ("reason", "")),
                        models.Q(
                            ("kind", "credit_note"),
                            ("reason__in", ["returned", "not_delivered", "cancelled"]),
                        ),
                        _connector="OR",
                    ),
                    name="invoice_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("number", None), ("reference", ""), ("sealed_at", None)),
                        models.Q(
                            ("number__gt", 0),
                            ("sealed_at__isnull", False),
                            models.Q(("reference", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="invoice_sealed",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "invoice"), ("refers_to", None)),
                        models.Q(("kind", "credit_note"), ("number", None)),
                        models.Q(("kind", "credit_note"), ("refers_to__isnull", False)),
                        _connector="OR",
                    ),
                    name="invoice_credit_refers",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("base_minor__gte", 0),
                        ("tax_minor__gte", 0),
                        ("total_minor__gte", 0),
                        models.Q(
                            ("kind", "credit_note"),
                            ("total_minor__gte", models.F("tax_minor")),
                            _connector="OR",
                        ),
                    ),
                    name="invoice_amounts",
                ),
                models.UniqueConstraint(
                    fields=("seller", "kind", "year", "number"), name="invoice_number_once"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("kind", "invoice")),
                    fields=("order", "seller"),
                    name="invoice_once_per_order",
                ),
                models.UniqueConstraint(
                    fields=("refund_due", "seller"), name="invoice_credit_once_per_refund"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CreditLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "invoice",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="orders.invoice",
                ),
            ),
            (
                "order_line",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="credit_lines",
                    to="orders.orderline",
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="credit_lines",
                    to="orders.fulfilmentgroup",
                ),
            ),
            ("quantity", models.PositiveIntegerField(default=0, verbose_name="quantity")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            ("tax_minor", models.BigIntegerField(verbose_name="tax")),
        ],
        options={
            "verbose_name": "line of a credit note",
            "verbose_name_plural": "lines of credit notes",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("group", None), ("order_line__isnull", False), ("quantity__gt", 0)
                        ),
                        models.Q(("order_line", None), ("quantity", 0)),
                        _connector="OR",
                    ),
                    name="credit_line_is_goods_or_shipping",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("tax_minor__gte", 0),
                        models.Q(
                            ("amount_minor__gte", 0),
                            models.Q(("group", None), ("order_line", None)),
                            _connector="OR",
                        ),
                    ),
                    name="credit_line_amounts",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderClaim",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("token_hash", models.CharField(max_length=64, unique=True)),
            ("email_key", models.CharField(max_length=64)),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            ("expires_at", models.DateTimeField()),
            ("used_at", models.DateTimeField(null=True)),
        ],
        options={"indexes": [models.Index(fields=["expires_at"], name="order_claim_expiry")]},
    ),
    migrations.CreateModel(
        name="OrderContact",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="contact",
                    to="orders.order",
                ),
            ),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
            ("phone", models.CharField(max_length=20, verbose_name="phone")),
            ("recipient_name", models.CharField(max_length=100, verbose_name="recipient")),
            (
                "recipient_phone",
                models.CharField(
                    blank=True, db_default="", max_length=20, verbose_name="recipient's phone"
                ),
            ),
            ("street", models.CharField(max_length=250, verbose_name="street")),
            ("rt", models.CharField(blank=True, db_default="", max_length=3, verbose_name="RT")),
            ("rw", models.CharField(blank=True, db_default="", max_length=3, verbose_name="RW")),
            (
                "region",
                models.CharField(
                    blank=True, db_default="", max_length=13, verbose_name="region code"
                ),
            ),
            (
                "village",
                models.CharField(blank=True, db_default="", max_length=80, verbose_name="village"),
            ),
            ("district", models.CharField(max_length=80, verbose_name="district")),
            ("city", models.CharField(max_length=80, verbose_name="city or regency")),
            ("province", models.CharField(max_length=13, verbose_name="province code")),
            ("province_name", models.CharField(max_length=80, verbose_name="province")),
            ("postal_code", models.CharField(max_length=12, verbose_name="postal code")),
            ("country", models.CharField(default="ID", max_length=2, verbose_name="country")),
            ("notes", models.CharField(blank=True, max_length=200, verbose_name="landmark")),
        ],
        options={
            "verbose_name": "contact",
            "verbose_name_plural": "contacts",
            "indexes": [
                models.Index(fields=["email"], name="order_contact_email"),
                models.Index(fields=["phone"], name="order_contact_phone"),
                models.Index(
                    django.db.models.functions.text.Upper("email"), name="order_contact_any_email"
                ),
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Upper("recipient_name"), "gin_trgm_ops"
                    ),
                    name="order_contact_name_part",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    fields=["phone"], name="order_contact_phone_part", opclasses=["gin_trgm_ops"]
                ),
                django.contrib.postgres.indexes.GinIndex(
                    fields=["recipient_phone"],
                    name="order_contact_courier_part",
                    opclasses=["gin_trgm_ops"],
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderEvent",
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
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="events",
                    to="orders.order",
                ),
            ),
            ("kind", models.CharField(max_length=40, verbose_name="event")),
            (
                "actor",
                models.CharField(
                    choices=[
                        ("customer", "customer"),
                        ("staff", "staff"),
                        ("system", "system"),
                        ("gateway", "gateway"),
                        ("courier", "courier"),
                    ],
                    max_length=10,
                    verbose_name="by",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("data", models.JSONField(default=dict)),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="at"
                ),
            ),
        ],
        options={
            "verbose_name": "event",
            "verbose_name_plural": "events",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("actor__in", ["customer", "staff", "system", "gateway", "courier"])
                    ),
                    name="order_event_actor",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderNote",
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
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notes",
                    to="orders.order",
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "author",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("text", models.CharField(blank=True, max_length=1000, verbose_name="note")),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="at"
                ),
            ),
            ("erased_at", models.DateTimeField(editable=False, null=True)),
        ],
        options={"verbose_name": "note", "verbose_name_plural": "notes"},
    ),
    migrations.CreateModel(
        name="PromotionTier",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tiers",
                    to="orders.promotion",
                ),
            ),
            ("from_quantity", models.PositiveIntegerField(default=0, verbose_name="from units")),
            ("from_minor", models.BigIntegerField(default=0, verbose_name="from worth")),
            (
                "percent",
                models.DecimalField(
                    decimal_places=2, default=0, max_digits=5, verbose_name="percent"
                ),
            ),
            ("amount_minor", models.BigIntegerField(default=0, verbose_name="amount")),
        ],
        options={
            "verbose_name": "tier",
            "verbose_name_plural": "tiers",
            "constraints": [
                models.UniqueConstraint(
                    fields=("promotion", "from_quantity", "from_minor"), name="promotion_tier_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("amount_minor__gte", 0),
                        ("percent__gte", 0),
                        ("percent__lte", 100),
                        ("from_minor__gte", 0),
                    ),
                    name="promotion_tier_amounts",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PromotionTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="orders.promotion",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("label", models.CharField(max_length=120, verbose_name="shown as")),
        ],
        options={
            "verbose_name": "text",
            "verbose_name_plural": "texts",
            "constraints": [
                models.UniqueConstraint(
                    fields=("promotion", "language"), name="promotion_language_once"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PromotionUse",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="use_rows",
                    to="orders.promotion",
                ),
            ),
            (
                "coupon",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="use_rows",
                    to="orders.coupon",
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="promotion_uses",
                    to="orders.order",
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("taken", "taken"),
                        ("released", "given back"),
                        ("late", "beyond the limit"),
                    ],
                    default="taken",
                    max_length=10,
                    verbose_name="state",
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
            "verbose_name": "use of a promotion",
            "verbose_name_plural": "uses of promotions",
            "indexes": [models.Index(fields=["coupon"], name="promotion_use_of_coupon")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("order", "promotion"), name="promotion_once_per_order"
                ),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["taken", "released", "late"])),
                    name="promotion_use_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gte", 0)), name="promotion_use_amount"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PromotionUser",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="orders.promotion",
                ),
            ),
            (
                "use",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="users",
                    to="orders.promotionuse",
                ),
            ),
            ("key", models.CharField(max_length=32)),
            ("turn", models.PositiveSmallIntegerField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("promotion", "key", "turn"), name="promotion_turn_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="RefundDueLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "refund_due",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="orders.refunddue",
                ),
            ),
            (
                "order_line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refund_due_lines",
                    to="orders.orderline",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            ("amount_minor", models.BigIntegerField(verbose_name="amount")),
        ],
        options={
            "verbose_name": "refund due for a line",
            "verbose_name_plural": "refunds due for lines",
            "constraints": [
                models.UniqueConstraint(
                    fields=("refund_due", "order_line"), name="refund_due_line_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gte", 0), ("quantity__gt", 0)),
                    name="refund_due_line_positive",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Region",
        fields=[
            (
                "code",
                models.CharField(
                    max_length=13, primary_key=True, serialize=False, verbose_name="code"
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="children",
                    to="orders.region",
                ),
            ),
            ("country", models.CharField(default="ID", max_length=2, verbose_name="country")),
            (
                "level",
                models.PositiveSmallIntegerField(
                    choices=[
                        (1, "province"),
                        (2, "city or regency"),
                        (3, "district (kecamatan)"),
                        (4, "village (kelurahan, desa)"),
                    ],
                    db_default=1,
                    verbose_name="level",
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("is_active", models.BooleanField(db_default=True, verbose_name="in use")),
            ("search_name", models.CharField(db_default="", editable=False, max_length=80)),
            ("search_text", models.CharField(db_default="", editable=False, max_length=330)),
        ],
        options={
            "verbose_name": "region",
            "verbose_name_plural": "regions",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(
                        models.F("search_name"), name="gin_trgm_ops"
                    ),
                    django.contrib.postgres.indexes.OpClass(
                        models.F("search_text"), name="gin_trgm_ops"
                    ),
                    name="region_found_by_words",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("level__range", (1, 4))), name="region_level"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ReturnLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "goods_return",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="orders.return",
                ),
            ),
            (
                "order_line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="return_lines",
                    to="orders.orderline",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            (
                "exchange_variant",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.variant",
                ),
            ),
            (
                "exchange_name",
                models.CharField(blank=True, max_length=120, verbose_name="exchanged for"),
            ),
            ("received_quantity", models.PositiveIntegerField(null=True, verbose_name="received")),
            (
                "condition",
                models.CharField(
                    blank=True,
                    choices=[
                        ("as_new", "as new"),
                        ("worn", "worn or washed"),
                        ("damaged", "damaged"),
                        ("wrong", "not ours"),
                    ],
                    max_length=10,
                    verbose_name="condition",
                ),
            ),
            (
                "restocked_quantity",
                models.PositiveIntegerField(default=0, verbose_name="put back into stock"),
            ),
        ],
        options={
            "verbose_name": "return line",
            "verbose_name_plural": "return lines",
            "constraints": [
                models.UniqueConstraint(
                    fields=("goods_return", "order_line"), name="return_line_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("quantity__gt", 0)), name="return_line_positive"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("received_quantity", None),
                        ("received_quantity__lte", models.F("quantity")),
                        _connector="OR",
                    ),
                    name="return_line_no_more_than_asked",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("restocked_quantity", 0),
                        ("received_quantity__gte", models.F("restocked_quantity")),
                        _connector="OR",
                    ),
                    name="return_line_restocked_what_came",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Review",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "order_line",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="review",
                    to="orders.orderline",
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.product",
                    verbose_name="product",
                ),
            ),
            ("variant_name", models.CharField(blank=True, max_length=120, verbose_name="variant")),
            (
                "size",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.optionvalue",
                ),
            ),
            ("rating", models.PositiveSmallIntegerField(verbose_name="stars")),
            (
                "fit",
                models.CharField(
                    blank=True,
                    choices=[
                        ("small", "runs small"),
                        ("true", "true to size"),
                        ("large", "runs large"),
                    ],
                    max_length=5,
                    verbose_name="fit",
                ),
            ),
            ("title", models.CharField(blank=True, max_length=80, verbose_name="title")),
            ("text", models.TextField(blank=True, max_length=2000, verbose_name="text")),
            (
                "display_name",
                models.CharField(blank=True, max_length=40, verbose_name="name shown"),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("pending", "to be read"),
                        ("published", "published"),
                        ("rejected", "rejected"),
                        ("hidden", "hidden"),
                    ],
                    default="pending",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("off_topic", "It is not about this product."),
                        (
                            "personal",
                            "It contains private details, such as a name or a phone number.",
                        ),
                        ("abusive", "It insults somebody."),
                        ("advertising", "It advertises something."),
                        ("photo", "A photo does not show the product."),
                        ("other", "Another reason."),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            (
                "note",
                models.CharField(blank=True, max_length=200, verbose_name="note to the author"),
            ),
            (
                "moderated_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="decided by",
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="created"
                ),
            ),
            (
                "written_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="written"
                ),
            ),
            ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
            ("erased_at", models.DateTimeField(null=True, verbose_name="erased at")),
            ("change_count", models.PositiveIntegerField(default=0)),
            ("photo_count", models.PositiveSmallIntegerField(default=0)),
            ("helpful_count", models.PositiveIntegerField(default=0, verbose_name="found helpful")),
        ],
        options={
            "verbose_name": "review",
            "verbose_name_plural": "reviews",
            "indexes": [
                models.Index(
                    models.F("product"),
                    models.OrderBy(models.F("written_at"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    condition=models.Q(("state", "published")),
                    name="review_newest",
                ),
                models.Index(
                    condition=models.Q(("state", "published")),
                    fields=["product", "rating", "fit", "size"],
                    name="review_summary",
                ),
                models.Index(
                    condition=models.Q(("state", "pending")),
                    fields=["written_at", "id"],
                    name="review_to_read",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["pending", "published", "rejected", "hidden"])
                    ),
                    name="review_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="review_rating"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("fit", ""), ("fit__in", ["small", "true", "large"]), _connector="OR"
                    ),
                    name="review_fit",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "published"), _negated=True),
                        ("published_at__isnull", False),
                        _connector="OR",
                    ),
                    name="review_published_at",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["rejected", "hidden"]), _negated=True),
                        (
                            "reason__in",
                            ["off_topic", "personal", "abusive", "advertising", "photo", "other"],
                        ),
                        _connector="OR",
                    ),
                    name="review_reason",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReviewAnswer",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "review",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="answer",
                    to="orders.review",
                ),
            ),
            ("text", models.TextField(max_length=2000, verbose_name="answer")),
            (
                "answered_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "answered_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="answered at"
                ),
            ),
        ],
        options={"verbose_name": "answer", "verbose_name_plural": "answers"},
    ),
    migrations.CreateModel(
        name="ReviewMailOptOut",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("email_hash", models.CharField(max_length=64, unique=True)),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
    ),
    migrations.CreateModel(
        name="ReviewPhoto",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "review",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="photos",
                    to="orders.review",
                ),
            ),
            ("original", models.CharField(blank=True, max_length=200)),
            ("width", models.PositiveIntegerField()),
            ("height", models.PositiveIntegerField()),
            ("renditions", models.JSONField(default=list)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("processing", "being prepared"),
                        ("ready", "ready"),
                        ("failed", "failed"),
                    ],
                    default="processing",
                    max_length=10,
                ),
            ),
            ("starts", models.PositiveSmallIntegerField(default=0)),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "verbose_name": "photo",
            "verbose_name_plural": "photos",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["processing", "ready", "failed"])),
                    name="review_photo_state",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ReviewRequest",
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
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="review_request",
                    to="orders.order",
                ),
            ),
            ("due_at", models.DateTimeField(verbose_name="due")),
            ("asked_at", models.DateTimeField(null=True, verbose_name="asked")),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("asked_at", None)),
                    fields=["due_at"],
                    name="review_request_due",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="ReviewVote",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "review",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="votes",
                    to="orders.review",
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.order"
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("review", "order"), name="review_vote_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="ShipmentLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "shipment",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="orders.shipment",
                ),
            ),
            (
                "order_line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="shipment_lines",
                    to="orders.orderline",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
        ],
        options={
            "verbose_name": "shipment line",
            "verbose_name_plural": "shipment lines",
            "constraints": [
                models.UniqueConstraint(
                    fields=("shipment", "order_line"), name="shipment_line_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("quantity__gt", 0)), name="shipment_line_positive"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ShippingZone",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("country", models.CharField(default="ID", max_length=2, verbose_name="country")),
            (
                "is_active",
                models.BooleanField(db_default=True, default=True, verbose_name="active"),
            ),
            (
                "regions",
                models.ManyToManyField(
                    blank=True,
                    help_text="Provinces, regencies, districts or villages. None: the whole country.",
                    related_name="zones",
                    to="orders.region",
                    verbose_name="regions",
                ),
            ),
        ],
        options={"verbose_name": "shipping zone", "verbose_name_plural": "shipping zones"},
    ),
    migrations.CreateModel(
        name="ShippingRate",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "zone",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="rates",
                    to="orders.shippingzone",
                ),
            ),
            (
                "origin",
                models.ForeignKey(
                    blank=True,
                    help_text="Empty: from any place.",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="catalog.location",
                    verbose_name="sent from",
                ),
            ),
            ("courier", models.CharField(max_length=40, verbose_name="courier")),
            ("service", models.CharField(max_length=40, verbose_name="service")),
            ("name", models.CharField(max_length=80, verbose_name="name shown")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("first_kg_minor", models.BigIntegerField(verbose_name="first kilogram")),
            ("next_kg_minor", models.BigIntegerField(verbose_name="each further kilogram")),
            (
                "first_grams",
                models.PositiveIntegerField(
                    db_default=1000,
                    default=1000,
                    help_text="1000, or the least weight that is charged, such as 10000 for cargo.",
                    verbose_name="the first price covers, in grams",
                ),
            ),
            (
                "tolerance_grams",
                models.PositiveSmallIntegerField(
                    db_default=0,
                    default=0,
                    help_text="What a begun kilogram may weigh without being charged, such as 300.",
                    verbose_name="tolerance in grams",
                ),
            ),
            (
                "volumetric_divisor",
                models.PositiveIntegerField(
                    blank=True,
                    db_default=6000,
                    default=6000,
                    help_text="Cubic centimetres that count as a kilogram. Empty: only the weight counts.",
                    null=True,
                    verbose_name="volumetric divisor",
                ),
            ),
            (
                "max_grams",
                models.PositiveIntegerField(default=30000, verbose_name="heaviest parcel in grams"),
            ),
            (
                "eta_min_days",
                models.PositiveSmallIntegerField(verbose_name="working days at least"),
            ),
            ("eta_max_days", models.PositiveSmallIntegerField(verbose_name="working days at most")),
            ("starts_on", models.DateField(blank=True, null=True, verbose_name="valid from")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
        ],
        options={
            "verbose_name": "shipping rate",
            "verbose_name_plural": "shipping rates",
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("zone", "="),
                        (django.db.models.functions.comparison.Coalesce("origin_id", 0), "="),
                        (django.db.models.functions.text.Lower("courier"), "="),
                        (django.db.models.functions.text.Lower("service"), "="),
                        ("currency", "="),
                        (
                            orders.models.shipping.DateRange(
                                "starts_on",
                                "ends_on",
                                django.contrib.postgres.fields.ranges.RangeBoundary(
                                    inclusive_lower=True, inclusive_upper=True
                                ),
                            ),
                            "&&",
                        ),
                    ],
                    name="shipping_rate_one_at_a_time",
                    violation_error_message="This service has a price for that time already.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("first_kg_minor__gte", 0), ("next_kg_minor__gte", 0)),
                    name="shipping_rate_not_negative",
                ),
                models.CheckConstraint(
                    condition=models.Q(("eta_max_days__gte", models.F("eta_min_days"))),
                    name="shipping_rate_eta",
                ),
                models.CheckConstraint(
                    condition=models.Q(("first_grams__gte", 1), ("tolerance_grams__lt", 1000)),
                    name="shipping_rate_steps",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("volumetric_divisor", None),
                        ("volumetric_divisor__gte", 1000),
                        _connector="OR",
                    ),
                    name="shipping_rate_divisor",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("starts_on", None),
                        ("ends_on", None),
                        ("ends_on__gte", models.F("starts_on")),
                        _connector="OR",
                    ),
                    name="shipping_rate_period",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ShippingBracket",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "rate",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="brackets",
                    to="orders.shippingrate",
                ),
            ),
            ("up_to_grams", models.PositiveIntegerField(verbose_name="up to grams")),
            ("amount_minor", models.BigIntegerField(verbose_name="price")),
        ],
        options={
            "verbose_name": "weight bracket",
            "verbose_name_plural": "weight brackets",
            "constraints": [
                models.UniqueConstraint(
                    fields=("rate", "up_to_grams"), name="shipping_bracket_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gte", 0), ("up_to_grams__gte", 1)),
                    name="shipping_bracket_sane",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TaxRate",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "country",
                models.CharField(
                    default=orders.models.tax.default_country,
                    help_text="Where the goods go: two capital letters (ISO 3166), such as ID.",
                    max_length=2,
                    validators=[
                        django.core.validators.RegexValidator(
                            "^[A-Z]{2}$", "Enter two capital letters, such as ID."
                        )
                    ],
                    verbose_name="country",
                ),
            ),
            (
                "tax_class",
                models.CharField(
                    choices=[
                        ("standard", "standard"),
                        ("luxury", "luxury goods"),
                        ("exempt", "exempt from tax"),
                    ],
                    default="standard",
                    max_length=20,
                    verbose_name="class of goods",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("rate", models.DecimalField(decimal_places=3, max_digits=6, verbose_name="percent")),
            (
                "base_numerator",
                models.PositiveSmallIntegerField(default=1, verbose_name="part of the price"),
            ),
            (
                "base_denominator",
                models.PositiveSmallIntegerField(default=1, verbose_name="divided by"),
            ),
            ("valid_from", models.DateField(default=datetime.date.today, verbose_name="from")),
            (
                "valid_until",
                models.DateField(
                    blank=True,
                    help_text="The first day on which it is no more.",
                    null=True,
                    verbose_name="until",
                ),
            ),
        ],
        options={
            "verbose_name": "tax rate",
            "verbose_name_plural": "tax rates",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("base_denominator__gt", 0),
                        ("base_numerator__gt", 0),
                        ("rate__gte", 0),
                        ("base_numerator__lte", models.F("base_denominator")),
                    ),
                    name="tax_rate_amounts",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("valid_until", None),
                        ("valid_until__gt", models.F("valid_from")),
                        _connector="OR",
                    ),
                    name="tax_rate_period",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("country", "="),
                        ("tax_class", "="),
                        (orders.models.tax.DateRange("valid_from", "valid_until"), "&&"),
                    ],
                    name="tax_rate_one_at_a_time",
                ),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_history_and_regions"),
        ("orders", "0003_reviews"),
        ("orders", "0004_promotions_and_taxes"),
        ("orders", "0005_validate_amounts"),
        ("orders", "0006_region_levels"),
        ("orders", "0007_regions_of_indonesia"),
        ("orders", "0008_courier_rates"),
        ("orders", "0009_order_life"),
        ("orders", "0010_life_indexes"),
        ("orders", "0011_receipts"),
        ("orders", "0012_search_indexes"),
        ("orders", "0013_cart_of_an_account"),
        ("orders", "0014_exceed_open_orders"),
        ("orders", "0015_tax_rates"),
        ("orders", "0016_unpaid_of_cart"),
        ("orders", "0017_money_given_back"),
        ("orders", "0018_asking_couriers"),
        ("orders", "0019_cash_on_delivery"),
        ("orders", "0020_validate_collected"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("catalog", "0001_schema"),
    ]

    operations = [
        CreateModels(TABLES),
        append_only("orders_orderevent"),
        append_only("orders_creditline"),
        migrations.RunSQL(SEALED.read_text(encoding="utf-8")),
        migrations.RunPython(add_ppn),
        # Foreign keys and indexes are made after all operations: twice as fast over rows that are there.
        migrations.RunPython(add_regions),
    ]
