import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0011_receipts")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("confirmed_at__isnull", False), ("invoiced_at", None)),
                fields=["confirmed_at", "id"],
                name="order_invoice_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="ordercontact",
            index=models.Index(
                django.db.models.functions.text.Upper("email"), name="order_contact_any_email"
            ),
        ),
        AddIndexConcurrently(
            model_name="ordercontact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("recipient_name"), "gin_trgm_ops"
                ),
                name="order_contact_name_part",
            ),
        ),
        AddIndexConcurrently(
            model_name="ordercontact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["phone"], name="order_contact_phone_part", opclasses=["gin_trgm_ops"]
            ),
        ),
        AddIndexConcurrently(
            model_name="ordercontact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["recipient_phone"],
                name="order_contact_courier_part",
                opclasses=["gin_trgm_ops"],
            ),
        ),
    ]
