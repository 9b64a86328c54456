from django.db import migrations

from shop.core.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [append_only("catalog_stockmovement")]
