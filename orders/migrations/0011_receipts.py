import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from shop.core.triggers import append_only

# A number once given stays, and number n asks for number n − 1: no gap, whoever writes.
SEALED = """
CREATE FUNCTION orders_invoice_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'invoices are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % is sealed', OLD.reference USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.number > 1 AND NOT EXISTS (
        SELECT FROM orders_invoice
        WHERE seller_id = NEW.seller_id AND kind = NEW.kind AND year = NEW.year
            AND number = NEW.number - 1
    ) THEN
        RAISE EXCEPTION 'invoice number % would leave a gap', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_invoice_sealed BEFORE INSERT OR UPDATE OR DELETE ON orders_invoice
    FOR EACH ROW EXECUTE FUNCTION orders_invoice_sealed();
CREATE TRIGGER orders_invoice_no_truncate BEFORE TRUNCATE ON orders_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION orders_invoice_sealed();
"""
NOT_SEALED = """
DROP TRIGGER orders_invoice_sealed ON orders_invoice;
DROP TRIGGER orders_invoice_no_truncate ON orders_invoice;
DROP FUNCTION orders_invoice_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0014_measures"),
        ("orders", "0010_life_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=0, verbose_name="quantity")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("tax_minor", models.BigIntegerField(verbose_name="tax")),
            ],
            options={
                "verbose_name": "line of a credit note",
                "verbose_name_plural": "lines of credit notes",
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
                (
                    "tax_number",
                    models.CharField(blank=True, max_length=40, verbose_name="tax number"),
                ),
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
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="written at",
                    ),
                ),
                ("sealed_at", models.DateTimeField(null=True, verbose_name="numbered at")),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
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
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("email_key", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="order",
            name="invoice_retry_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="invoiced_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="creditline",
            name="group",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_lines",
                to="orders.fulfilmentgroup",
            ),
        ),
        migrations.AddField(
            model_name="creditline",
            name="order_line",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_lines",
                to="orders.orderline",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="refers_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="orders.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="refund_due",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="orders.refunddue",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="seller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.seller"
            ),
        ),
        migrations.AddField(
            model_name="creditline",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="orders.invoice",
            ),
        ),
        migrations.AddField(
            model_name="orderclaim",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("number", None)), fields=["created_at"], name="invoice_unsealed"
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["reference"], name="invoice_reference"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["invoice", "credit_note"])), name="invoice_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "invoice"), ("refers_to", None)),
                    models.Q(("kind", "credit_note"), ("number", None)),
                    models.Q(("kind", "credit_note"), ("refers_to__isnull", False)),
                    _connector="OR",
                ),
                name="invoice_credit_refers",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("seller", "kind", "year", "number"), name="invoice_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "invoice")),
                fields=("order", "seller"),
                name="invoice_once_per_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("refund_due", "seller"), name="invoice_credit_once_per_refund"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group", None), ("order_line__isnull", False), ("quantity__gt", 0)),
                    models.Q(("order_line", None), ("quantity", 0)),
                    _connector="OR",
                ),
                name="credit_line_is_goods_or_shipping",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditline",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddIndex(
            model_name="orderclaim",
            index=models.Index(fields=["expires_at"], name="order_claim_expiry"),
        ),
        migrations.RunSQL(SEALED, NOT_SEALED),
        append_only("orders_creditline"),
    ]
