from django.db import migrations

# Unpacking bits took longer than counting them. What is there is written anew, in the new form.
PLAIN = """
ALTER TABLE catalog_facetbits ALTER COLUMN bits SET STORAGE PLAIN;
UPDATE catalog_facetbits SET bits = bits & bits;
"""
PACKED = "ALTER TABLE catalog_facetbits ALTER COLUMN bits SET STORAGE MAIN"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_searches"),
    ]

    operations = [migrations.RunSQL(PLAIN, PACKED)]
