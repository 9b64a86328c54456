"""Functions and triggers that keep `Listing` true to what it is derived from."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

SQL = Path(__file__).parent / "sql" / "0005_listing.sql"
# Table → the function that finds the products of its rows.
SOURCES = {
    "catalog_product": "catalog_product_changed",
    "catalog_producttranslation": "catalog_part_changed",
    "catalog_variant": "catalog_part_changed",
    "catalog_productimage": "catalog_part_changed",
    "catalog_productattribute": "catalog_part_changed",
    "catalog_variantvalue": "catalog_variant_part_changed",
    "catalog_price": "catalog_variant_part_changed",
    "catalog_listing": "catalog_listing_changed",
}
ON_EVERY_PAGE = [
    "catalog_category",
    "catalog_categorytranslation",
    "catalog_option",
    "catalog_optiontranslation",
    "catalog_optionvalue",
    "catalog_optionvaluetranslation",
    "catalog_attribute",
    "catalog_attributetranslation",
    "catalog_attributevalue",
    "catalog_attributevaluetranslation",
    "catalog_seller",
    "catalog_synonym",
]
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def triggers() -> str:
    statements = [
        f"CREATE TRIGGER {table}_{event.lower()}_listing AFTER {event} ON {table}"
        f" REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        for table, function in SOURCES.items()
        for event, rows in ROWS.items()
        # A product's own end takes its listing with it.
        if (table, event) != ("catalog_product", "DELETE")
    ]
    statements += [
        f"CREATE TRIGGER {table}_tree AFTER INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION catalog_tree_changed();"
        for table in ON_EVERY_PAGE
    ]
    return "\n".join(statements)


def fill(apps, schema_editor):
    """What the settings say, and the listings of what is there already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_listingsetting (currency, price_ranges) VALUES (%s, %s)",
            [settings.DEFAULT_CURRENCY, settings.PRICE_RANGES.get(settings.DEFAULT_CURRENCY, [])],
        )
        cursor.execute("SELECT id FROM catalog_product ORDER BY id")
        products = [pk for (pk,) in cursor.fetchall()]
        for start in range(0, len(products), 500):
            cursor.execute("SELECT catalog_refresh_listing(%s)", [products[start : start + 500]])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_stock_movement_order")]
    operations = [
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(triggers(), reverse_sql=migrations.RunSQL.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
