from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0015_tax_rates")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("status__in", ["pending", "expired", "cancelled"])),
                fields=["cart_token"],
                name="order_unpaid_of_cart",
            ),
        ),
    ]
