from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0006_option_is_facet")]

    operations = [
        AddIndexConcurrently(
            model_name="variant", index=models.Index(Upper("sku"), name="variant_sku_upper")
        ),
        AddIndexConcurrently(
            model_name="variant",
            index=models.Index(
                fields=["barcode"], condition=~models.Q(barcode=""), name="variant_barcode"
            ),
        ),
    ]
