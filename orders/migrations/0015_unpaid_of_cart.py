from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0014_exceed_open_orders")]
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
