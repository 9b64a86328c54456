"""At most one cart for each account; built while carts are filled."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("orders", "0012_search_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS cart_one_per_customer"
                    " ON orders_cart (customer_id) WHERE customer_id IS NOT NULL",
                    "DROP INDEX CONCURRENTLY IF EXISTS cart_one_per_customer",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="cart",
                    constraint=models.UniqueConstraint(
                        fields=["customer"],
                        condition=models.Q(customer__isnull=False),
                        name="cart_one_per_customer",
                    ),
                )
            ],
        )
    ]
