from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_cart_of_an_account")]
    operations = [
        migrations.AlterModelOptions(
            name="order",
            options={
                "permissions": [("exceed_open_orders", "Can exceed the limit of unpaid orders")],
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        )
    ]
