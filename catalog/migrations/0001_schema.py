import uuid
from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations, models

import catalog.models.listing
import catalog.models.variant
import shop.core.fields
from shop.core.tables import CreateModels
from shop.core.triggers import append_only

SQL = Path(__file__).parent / "sql"
RULES = ("listing", "listing_writing", "listing_sources", "addresses", "search", "storage")
# Table → the function that finds the products of its rows.
SOURCES = {
    "catalog_product": "catalog_product_changed",
    "catalog_producttranslation": "catalog_part_changed",
    "catalog_variant": "catalog_part_changed",
    "catalog_productimage": "catalog_part_changed",
    "catalog_productattribute": "catalog_part_changed",
    "catalog_productoption": "catalog_part_changed",
    "catalog_variantvalue": "catalog_variant_part_changed",
    "catalog_price": "catalog_variant_part_changed",
    "catalog_listing": "catalog_listing_changed",
}
# What every page shows or, like a size guide, the pages of very many products.
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
    "catalog_sizeguidetranslation",
    "catalog_measure",
    "catalog_measuretranslation",
    "catalog_measureentry",
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


def add_listing_setting(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_listingsetting (currency, price_ranges) VALUES (%s, %s)",
            [settings.DEFAULT_CURRENCY, settings.PRICE_RANGES.get(settings.DEFAULT_CURRENCY, [])],
        )


# As `makemigrations` writes them.
TABLES = [
    migrations.CreateModel(
        name="AlertAddress",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("email_hash", models.CharField(max_length=64, unique=True)),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            ("mailed_at", models.DateTimeField(null=True)),
            ("confirmed_at", models.DateTimeField(null=True)),
            ("stopped_at", models.DateTimeField(null=True)),
        ],
    ),
    migrations.CreateModel(
        name="Attribute",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
            ("is_facet", models.BooleanField(default=True, verbose_name="filter of listings")),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={"verbose_name": "attribute", "verbose_name_plural": "attributes"},
    ),
    migrations.CreateModel(
        name="AttributeTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "attribute",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.attribute",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("attribute", "language"), name="attribute_language_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="AttributeValue",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "attribute",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="values",
                    to="catalog.attribute",
                ),
            ),
            ("code", models.SlugField(max_length=40, verbose_name="code")),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "attribute value",
            "verbose_name_plural": "attribute values",
            "constraints": [
                models.UniqueConstraint(fields=("attribute", "code"), name="attribute_value_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="AttributeValueTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "value",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.attributevalue",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("value", "language"), name="attribute_value_language_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="BulkChange",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("summary", models.CharField(max_length=200, verbose_name="what")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                ),
            ),
            ("undone_at", models.DateTimeField(null=True, verbose_name="undone")),
            (
                "undone_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={"verbose_name": "bulk change", "verbose_name_plural": "bulk changes"},
    ),
    migrations.CreateModel(
        name="BulkChangeLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "change",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="catalog.bulkchange",
                ),
            ),
            ("target", models.CharField(max_length=20)),
            ("target_pk", models.BigIntegerField()),
            ("field", models.CharField(max_length=40)),
            ("before", models.JSONField(null=True)),
            ("after", models.JSONField(null=True)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("change", "target", "target_pk", "field"), name="bulk_change_line_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="Category",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="children",
                    to="catalog.category",
                    verbose_name="parent",
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={"verbose_name": "category", "verbose_name_plural": "categories"},
    ),
    migrations.CreateModel(
        name="CategoryRedirect",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="redirects",
                    to="catalog.category",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("slug", models.SlugField(max_length=140, verbose_name="slug")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("language", "slug"), name="category_redirect_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="CategoryTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.category",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("slug", models.SlugField(max_length=140, verbose_name="slug")),
            ("description", models.TextField(blank=True, verbose_name="description")),
            (
                "seo_title",
                models.CharField(
                    blank=True,
                    db_default="",
                    max_length=120,
                    verbose_name="title for search engines",
                ),
            ),
            (
                "seo_description",
                models.CharField(
                    blank=True,
                    db_default="",
                    max_length=320,
                    verbose_name="description for search engines",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("category", "language"), name="category_language_once"
                ),
                models.UniqueConstraint(fields=("language", "slug"), name="category_slug_once"),
            ]
        },
    ),
    migrations.CreateModel(
        name="FacetBits",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.TextField()),
            ("chunk", models.IntegerField()),
            ("bits", catalog.models.listing.BitsField()),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("token", "chunk"), name="facet_bits_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="ImportRun",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("fingerprint", models.CharField(db_index=True, max_length=64)),
            ("name", models.CharField(max_length=255, verbose_name="file")),
            ("file", models.FileField(blank=True, upload_to="imports/")),
            ("format", models.CharField(max_length=20, verbose_name="format")),
            ("options", models.JSONField(default=dict)),
            ("is_dry_run", models.BooleanField(default=False, verbose_name="dry run")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "waiting"),
                        ("running", "running"),
                        ("done", "done"),
                        ("refused", "refused"),
                        ("stopped", "stopped"),
                    ],
                    default="waiting",
                    max_length=10,
                ),
            ),
            ("next_row", models.PositiveBigIntegerField(default=0)),
            ("total_rows", models.PositiveBigIntegerField(null=True, verbose_name="rows")),
            ("created_products", models.PositiveBigIntegerField(default=0, verbose_name="created")),
            ("changed_products", models.PositiveBigIntegerField(default=0, verbose_name="changed")),
            (
                "unchanged_products",
                models.PositiveBigIntegerField(default=0, verbose_name="unchanged"),
            ),
            ("skipped_products", models.PositiveBigIntegerField(default=0, verbose_name="skipped")),
            ("problem_count", models.PositiveBigIntegerField(default=0, verbose_name="problems")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="started"
                ),
            ),
            ("beat_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
        ],
        options={
            "verbose_name": "import",
            "verbose_name_plural": "imports",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["waiting", "running", "done", "refused", "stopped"])
                    ),
                    name="import_run_state",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ImportProblem",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="problems",
                    to="catalog.importrun",
                ),
            ),
            ("line", models.PositiveBigIntegerField(verbose_name="line")),
            ("column", models.CharField(blank=True, max_length=120, verbose_name="column")),
            ("code", models.CharField(max_length=40)),
            ("value", models.CharField(blank=True, max_length=200, verbose_name="value")),
            ("is_fatal", models.BooleanField(default=True, verbose_name="product skipped")),
        ],
        options={
            "verbose_name": "problem",
            "verbose_name_plural": "problems",
            "constraints": [
                models.UniqueConstraint(
                    fields=("run", "line", "column", "code"), name="import_problem_once"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Seller",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            (
                "is_taxable",
                models.BooleanField(
                    db_default=False,
                    default=False,
                    help_text="In Indonesia: PKP. Only then do receipts show PPN.",
                    verbose_name="registered for tax on sales",
                ),
            ),
            (
                "tax_number",
                models.CharField(
                    blank=True,
                    db_default="",
                    help_text="NPWP",
                    max_length=40,
                    verbose_name="tax number",
                ),
            ),
        ],
        options={"verbose_name": "seller", "verbose_name_plural": "sellers"},
    ),
    migrations.CreateModel(
        name="SizeGuide",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("name", models.CharField(max_length=120, unique=True, verbose_name="name for staff")),
        ],
        options={"verbose_name": "size guide", "verbose_name_plural": "size guides"},
    ),
    migrations.CreateModel(
        name="Product",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "seller",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="products",
                    to="catalog.seller",
                    verbose_name="seller",
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="products",
                    to="catalog.category",
                    verbose_name="category",
                ),
            ),
            ("is_published", models.BooleanField(default=False, verbose_name="published")),
            (
                "publish_from",
                models.DateTimeField(blank=True, null=True, verbose_name="publish from"),
            ),
            (
                "publish_until",
                models.DateTimeField(blank=True, null=True, verbose_name="publish until"),
            ),
            (
                "size_guide",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="products",
                    to="catalog.sizeguide",
                    verbose_name="size guide",
                ),
            ),
            (
                "tax_class",
                models.CharField(
                    choices=[
                        ("standard", "standard"),
                        ("luxury", "luxury goods"),
                        ("exempt", "exempt from tax"),
                    ],
                    db_default="standard",
                    default="standard",
                    max_length=20,
                    verbose_name="class of goods for tax",
                ),
            ),
            (
                "purchase_limit",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="In all orders of one person within the days beside it. Empty for no limit.",
                    null=True,
                    verbose_name="units per customer",
                ),
            ),
            (
                "purchase_limit_days",
                models.PositiveSmallIntegerField(
                    db_default=30, default=30, verbose_name="within days"
                ),
            ),
            (
                "payment_minutes",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="For goods that many want at once: an order with it is reserved no longer than this. Empty: as long as the payment method allows.",
                    null=True,
                    validators=[django.core.validators.MinValueValidator(5)],
                    verbose_name="minutes to pay",
                ),
            ),
            (
                "created_at",
                models.DateTimeField(
                    default=django.utils.timezone.now, editable=False, verbose_name="created"
                ),
            ),
            (
                "updated_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(),
                    editable=False,
                    verbose_name="changed",
                ),
            ),
            (
                "sold_count",
                models.PositiveIntegerField(default=0, editable=False, verbose_name="sold"),
            ),
            ("rating_sum", models.PositiveIntegerField(default=0, editable=False)),
            ("rating_count", models.PositiveIntegerField(default=0, editable=False)),
        ],
        options={
            "verbose_name": "product",
            "verbose_name_plural": "products",
            "indexes": [
                models.Index(
                    condition=models.Q(("is_published", True)),
                    fields=["category", "-created_at", "-id"],
                    name="product_listing",
                ),
                models.Index(
                    condition=models.Q(("is_published", True)),
                    fields=["-created_at", "-id"],
                    name="product_newest",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("publish_until", None),
                        ("publish_from", None),
                        ("publish_until__gt", models.F("publish_from")),
                        _connector="OR",
                    ),
                    name="product_publish_period",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Listing",
        fields=[
            (
                "product",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="listing",
                    serialize=False,
                    to="catalog.product",
                ),
            ),
            ("created_at", models.DateTimeField()),
            ("price_minor", models.BigIntegerField()),
            ("discount", models.PositiveSmallIntegerField()),
            ("sold_count", models.PositiveIntegerField()),
            ("is_available", models.BooleanField()),
            (
                "tokens",
                django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None),
            ),
            ("words", django.contrib.postgres.search.SearchVectorField()),
            ("card", models.JSONField()),
        ],
        options={
            "indexes": [
                models.Index(fields=["-created_at", "-product"], name="listing_newest"),
                models.Index(fields=["price_minor", "-product"], name="listing_price"),
                models.Index(fields=["-price_minor", "-product"], name="listing_price_down"),
                models.Index(fields=["-sold_count", "-product"], name="listing_sold"),
                models.Index(fields=["-discount", "-product"], name="listing_discount"),
                django.contrib.postgres.indexes.GinIndex(
                    fields=["tokens", "words"], name="listing_tokens_words"
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("sold_count__gte", 15)),
                    fields=["tokens", "words"],
                    name="listing_sold_15",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("sold_count__gte", 63)),
                    fields=["tokens", "words"],
                    name="listing_sold_63",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("sold_count__gte", 255)),
                    fields=["tokens", "words"],
                    name="listing_sold_255",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("sold_count__gte", 1023)),
                    fields=["tokens", "words"],
                    name="listing_sold_1023",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("sold_count__gte", 4095)),
                    fields=["tokens", "words"],
                    name="listing_sold_4095",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="ListingChange",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("product_id", models.BigIntegerField(null=True)),
            ("slug", models.TextField(db_default="", default="")),
            ("is_listed", models.BooleanField(db_default=True)),
            (
                "tokens",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.TextField(), default=list, size=None
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            ("is_told", models.BooleanField(db_default=False, default=False)),
            ("is_counted", models.BooleanField(db_default=False, default=False)),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("is_told", False), ("is_counted", True), _connector="OR"),
                    fields=["id"],
                    name="listing_change_untold",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="ListingSchedule",
        fields=[
            (
                "product",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="catalog.product",
                ),
            ),
            ("due_at", models.DateTimeField(db_index=True)),
        ],
    ),
    migrations.CreateModel(
        name="Location",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "seller",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="locations",
                    to="catalog.seller",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("street", models.CharField(blank=True, max_length=200, verbose_name="street")),
            ("city", models.CharField(max_length=80, verbose_name="city or regency")),
            (
                "province",
                models.CharField(
                    help_text="code of the region", max_length=13, verbose_name="province"
                ),
            ),
            (
                "postal_code",
                models.CharField(blank=True, max_length=12, verbose_name="postal code"),
            ),
            ("country", models.CharField(default="ID", max_length=2, verbose_name="country")),
        ],
        options={"verbose_name": "location", "verbose_name_plural": "locations"},
    ),
    migrations.CreateModel(
        name="Measure",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "guide",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="measures",
                    to="catalog.sizeguide",
                ),
            ),
            ("code", models.SlugField(max_length=40, verbose_name="code")),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "measure",
            "verbose_name_plural": "measures",
            "constraints": [models.UniqueConstraint(fields=("guide", "code"), name="measure_once")],
        },
    ),
    migrations.CreateModel(
        name="Option",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
            (
                "is_facet",
                models.BooleanField(
                    db_default=True, default=True, verbose_name="filter of listings"
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={"verbose_name": "option", "verbose_name_plural": "options"},
    ),
    migrations.CreateModel(
        name="OptionValue",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "option",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="values",
                    to="catalog.option",
                ),
            ),
            ("code", models.SlugField(max_length=40, verbose_name="code")),
            (
                "swatch",
                models.CharField(
                    blank=True,
                    max_length=7,
                    validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$")],
                    verbose_name="colour as #rrggbb",
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "option value",
            "verbose_name_plural": "option values",
            "constraints": [
                models.UniqueConstraint(fields=("option", "code"), name="option_value_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="MeasureEntry",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "measure",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="entries",
                    to="catalog.measure",
                ),
            ),
            (
                "size",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.optionvalue",
                ),
            ),
            ("millimetres", models.PositiveIntegerField(verbose_name="millimetres")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("measure", "size"), name="measure_entry_once"),
                models.CheckConstraint(
                    condition=models.Q(("millimetres__gt", 0)), name="measure_entry_positive"
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="MeasureTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "measure",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.measure",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("measure", "language"), name="measure_language_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="OptionTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "option",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.option",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("option", "language"), name="option_language_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="OptionValueTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "value",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.optionvalue",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("value", "language"), name="option_value_language_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="Variant",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="variants",
                    to="catalog.product",
                ),
            ),
            ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("sku", models.CharField(blank=True, db_index=True, max_length=80, verbose_name="SKU")),
            ("barcode", models.CharField(blank=True, max_length=40, verbose_name="barcode")),
            (
                "weight_grams",
                models.PositiveIntegerField(default=0, verbose_name="weight in grams"),
            ),
            (
                "length_mm",
                models.PositiveIntegerField(
                    blank=True, null=True, verbose_name="length in millimetres"
                ),
            ),
            (
                "width_mm",
                models.PositiveIntegerField(
                    blank=True, null=True, verbose_name="width in millimetres"
                ),
            ),
            (
                "height_mm",
                models.PositiveIntegerField(
                    blank=True, null=True, verbose_name="height in millimetres"
                ),
            ),
            (
                "cost_minor",
                models.PositiveBigIntegerField(
                    blank=True, null=True, verbose_name="cost in minor units"
                ),
            ),
            ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "variant",
            "verbose_name_plural": "variants",
            "indexes": [
                models.Index(
                    django.db.models.functions.text.Upper("sku"), name="variant_sku_upper"
                ),
                models.Index(
                    condition=models.Q(("barcode", ""), _negated=True),
                    fields=["barcode"],
                    name="variant_barcode",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("length_mm", None), ("length_mm__range", (1, 10000)), _connector="OR"
                        ),
                        models.Q(
                            ("width_mm", None), ("width_mm__range", (1, 10000)), _connector="OR"
                        ),
                        models.Q(
                            ("height_mm", None), ("height_mm__range", (1, 10000)), _connector="OR"
                        ),
                    ),
                    name="variant_measures",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Price",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="prices",
                    to="catalog.variant",
                ),
            ),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            ("amount_minor", models.BigIntegerField(verbose_name="price in minor units")),
            (
                "compare_at_minor",
                models.BigIntegerField(blank=True, null=True, verbose_name="price before"),
            ),
            (
                "valid_from",
                models.DateTimeField(default=django.utils.timezone.now, verbose_name="valid from"),
            ),
            (
                "valid_until",
                models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
            ),
        ],
        options={
            "verbose_name": "price",
            "verbose_name_plural": "prices",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("amount_minor__gte", 0)), name="price_not_negative"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("compare_at_minor", None),
                        ("compare_at_minor__gt", models.F("amount_minor")),
                        _connector="OR",
                    ),
                    name="price_before_is_higher",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("valid_until", None),
                        ("valid_until__gt", models.F("valid_from")),
                        _connector="OR",
                    ),
                    name="price_period",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("variant", "="),
                        ("currency", "="),
                        (
                            catalog.models.variant.TsTzRange(
                                "valid_from",
                                "valid_until",
                                django.contrib.postgres.fields.ranges.RangeBoundary(),
                            ),
                            "&&",
                        ),
                    ],
                    name="price_one_at_a_time",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ProductAttribute",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attributes",
                    to="catalog.product",
                ),
            ),
            (
                "value",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.attributevalue",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("product", "value"), name="product_attribute_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="ProductImage",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="images",
                    to="catalog.product",
                ),
            ),
            (
                "option_value",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.optionvalue",
                ),
            ),
            (
                "file",
                models.ImageField(
                    blank=True,
                    height_field="height",
                    upload_to="products/",
                    verbose_name="picture",
                    width_field="width",
                ),
            ),
            ("width", models.PositiveIntegerField(default=0, editable=False)),
            ("height", models.PositiveIntegerField(default=0, editable=False)),
            ("renditions", models.JSONField(default=list, editable=False)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("fetching", "to be fetched"),
                        ("processing", "being prepared"),
                        ("ready", "ready"),
                        ("failed", "failed"),
                    ],
                    db_default="ready",
                    default="processing",
                    editable=False,
                    max_length=10,
                ),
            ),
            (
                "failure",
                models.CharField(
                    blank=True,
                    db_default="",
                    editable=False,
                    max_length=200,
                    verbose_name="failure",
                ),
            ),
            ("colour", models.CharField(blank=True, db_default="", editable=False, max_length=7)),
            (
                "source_url",
                models.URLField(
                    blank=True,
                    db_default="",
                    editable=False,
                    max_length=1000,
                    verbose_name="fetched from",
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "picture",
            "verbose_name_plural": "pictures",
            "indexes": [models.Index(fields=["file"], name="product_image_file")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["fetching", "processing", "ready", "failed"])
                    ),
                    name="product_image_state",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ProductOption",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="product_options",
                    to="catalog.product",
                ),
            ),
            (
                "option",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="product_options",
                    to="catalog.option",
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("product", "option"), name="product_option_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="ProductRedirect",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="redirects",
                    to="catalog.product",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("slug", models.SlugField(max_length=220, verbose_name="slug")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("language", "slug"), name="product_redirect_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="ProductTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.product",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=200, verbose_name="name")),
            ("slug", models.SlugField(max_length=220, verbose_name="slug")),
            ("description", models.TextField(blank=True, verbose_name="description")),
            ("material", models.CharField(blank=True, max_length=200, verbose_name="material")),
            ("care", models.TextField(blank=True, verbose_name="care")),
            ("fit", models.CharField(blank=True, max_length=200, verbose_name="fit")),
            (
                "model_size",
                models.CharField(
                    blank=True,
                    db_default="",
                    help_text="Height of the model and the size worn, e.g. 168 cm, wears M.",
                    max_length=200,
                    verbose_name="model",
                ),
            ),
            (
                "seo_title",
                models.CharField(
                    blank=True,
                    db_default="",
                    max_length=120,
                    verbose_name="title for search engines",
                ),
            ),
            (
                "seo_description",
                models.CharField(
                    blank=True,
                    db_default="",
                    max_length=320,
                    verbose_name="description for search engines",
                ),
            ),
        ],
        options={
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                    ),
                    name="product_name_similar",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("product", "language"), name="product_language_once"
                ),
                models.UniqueConstraint(fields=("language", "slug"), name="product_slug_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockItem",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stock_items",
                    to="catalog.variant",
                ),
            ),
            (
                "location",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stock_items",
                    to="catalog.location",
                ),
            ),
            ("on_hand", models.PositiveIntegerField(default=0, verbose_name="on hand")),
            ("reserved", models.PositiveIntegerField(default=0, verbose_name="reserved")),
        ],
        options={
            "verbose_name": "stock item",
            "verbose_name_plural": "stock items",
            "constraints": [
                models.UniqueConstraint(fields=("variant", "location"), name="stock_item_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("reserved__gte", 0), ("on_hand__gte", models.F("reserved"))
                    ),
                    name="stock_never_oversold",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Reservation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("holder", models.UUIDField(default=uuid.uuid4)),
            (
                "stock_item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="reservations",
                    to="catalog.stockitem",
                ),
            ),
            ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("held", "held"),
                        ("committed", "committed"),
                        ("released", "released"),
                    ],
                    default="held",
                    max_length=10,
                ),
            ),
            ("expires_at", models.DateTimeField(verbose_name="expires")),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "verbose_name": "reservation",
            "verbose_name_plural": "reservations",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "held")),
                    fields=["stock_item"],
                    name="reservation_open",
                ),
                models.Index(fields=["holder"], name="reservation_holder"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("quantity__gt", 0)), name="reservation_positive"
                ),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["held", "committed", "released"])),
                    name="reservation_state",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "released"), _negated=True),
                    fields=("holder", "stock_item"),
                    name="reservation_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SearchMiss",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("query", models.CharField(max_length=100, verbose_name="query")),
            ("count", models.PositiveIntegerField(default=1, verbose_name="times")),
            (
                "first_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="first"
                ),
            ),
            (
                "last_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="last"
                ),
            ),
        ],
        options={
            "verbose_name": "search without result",
            "verbose_name_plural": "searches without result",
            "constraints": [
                models.UniqueConstraint(fields=("language", "query"), name="search_miss_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="SearchWord",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("word", models.CharField(max_length=60, unique=True)),
            ("product_count", models.PositiveIntegerField(default=1)),
        ],
        options={
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(models.F("word"), name="gin_trgm_ops"),
                    name="search_word_similar",
                ),
                models.Index(
                    django.contrib.postgres.indexes.OpClass(
                        models.F("word"), name="text_pattern_ops"
                    ),
                    name="search_word_prefix",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="SizeGuideTranslation",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "guide",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="translations",
                    to="catalog.sizeguide",
                ),
            ),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            ("title", models.CharField(max_length=120, verbose_name="title")),
            ("note", models.TextField(blank=True, verbose_name="how to measure")),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("guide", "language"), name="size_guide_language_once"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="SoldCountMark",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("transaction_id", models.BigIntegerField(default=0)),
            ("movement_id", models.BigIntegerField(default=0)),
        ],
    ),
    migrations.CreateModel(
        name="StaleListing",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("product_id", models.BigIntegerField()),
            (
                "transaction_id",
                models.BigIntegerField(
                    db_default=shop.core.fields.CurrentTransaction(), db_index=True
                ),
            ),
            ("is_deferred", models.BooleanField(db_default=False)),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("is_deferred", False)),
                    fields=["id"],
                    name="stale_listing_urgent",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="StockAlert",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="stock_alerts",
                    to="catalog.variant",
                ),
            ),
            (
                "address",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="alerts",
                    to="catalog.alertaddress",
                ),
            ),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed")),
            ("notified_at", models.DateTimeField(null=True, verbose_name="notified")),
        ],
        options={
            "verbose_name": "back-in-stock alert",
            "verbose_name_plural": "back-in-stock alerts",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("notified_at", None)),
                    fields=("variant", "email"),
                    name="stock_alert_open_once",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StockMovement",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "stock_item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="movements",
                    to="catalog.stockitem",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("received", "received"),
                        ("sold", "sold"),
                        ("returned", "returned"),
                        ("corrected", "corrected"),
                    ],
                    max_length=10,
                ),
            ),
            ("quantity", models.IntegerField(verbose_name="quantity")),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ("reference", models.UUIDField(null=True)),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            (
                "transaction_id",
                models.BigIntegerField(
                    db_default=shop.core.fields.CurrentTransaction(), editable=False
                ),
            ),
        ],
        options={
            "verbose_name": "stock movement",
            "verbose_name_plural": "stock movements",
            "indexes": [models.Index(fields=["transaction_id", "id"], name="stock_movement_order")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("quantity", 0), _negated=True),
                    name="stock_movement_not_zero",
                ),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["received", "sold", "returned", "corrected"])),
                    name="stock_movement_kind",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Synonym",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "words",
                models.CharField(
                    help_text="Words or short phrases that mean the same, separated by commas.",
                    max_length=300,
                    verbose_name="words",
                ),
            ),
        ],
        options={"verbose_name": "synonym", "verbose_name_plural": "synonyms"},
    ),
    migrations.CreateModel(
        name="VariantValue",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="values",
                    to="catalog.variant",
                ),
            ),
            (
                "option",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="catalog.option",
                ),
            ),
            (
                "value",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="variant_values",
                    to="catalog.optionvalue",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("variant", "option"), name="variant_option_once")
            ]
        },
    ),
    migrations.CreateModel(
        name="Waiting",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="catalog.variant",
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
            (
                "language",
                models.CharField(
                    choices=[("id", "Indonesian"), ("en", "English")],
                    max_length=8,
                    verbose_name="language",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "not confirmed"),
                        ("waiting", "waiting"),
                        ("offered", "held for them"),
                        ("taken", "ordered"),
                        ("lapsed", "not taken in time"),
                        ("left", "no longer waiting"),
                    ],
                    default="waiting",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("holder", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            ("bearer", models.UUIDField(editable=False, null=True)),
            (
                "created_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="since"
                ),
            ),
            ("hold_until", models.DateTimeField(null=True, verbose_name="held until")),
        ],
        options={
            "verbose_name": "place in the queue",
            "verbose_name_plural": "queue for last units",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "waiting")),
                    fields=["variant", "id"],
                    name="waiting_queue",
                ),
                models.Index(
                    condition=models.Q(("state", "asked")),
                    fields=["created_at"],
                    name="waiting_unconfirmed",
                ),
                models.Index(
                    condition=models.Q(("state", "offered")),
                    fields=["hold_until"],
                    name="waiting_holds",
                ),
                models.Index(
                    condition=models.Q(("state", "offered")),
                    fields=["bearer"],
                    name="waiting_bearer",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["asked", "waiting", "offered", "taken", "lapsed", "left"])
                    ),
                    name="waiting_state",
                ),
                models.CheckConstraint(
                    condition=models.Q(("quantity__gt", 0)), name="waiting_quantity"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "offered"), _negated=True),
                        ("hold_until__isnull", False),
                        _connector="OR",
                    ),
                    name="waiting_held_until",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["asked", "waiting", "offered"])),
                    fields=("variant", "email"),
                    name="waiting_one_place",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Wishlist",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
            (
                "customer",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
            (
                "touched_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
    ),
    migrations.CreateModel(
        name="WishlistLine",
        fields=[
            (
                "id",
                models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                ),
            ),
            (
                "wishlist",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="lines",
                    to="catalog.wishlist",
                ),
            ),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="catalog.product",
                ),
            ),
            ("price_minor", models.BigIntegerField(verbose_name="price when kept")),
            (
                "currency",
                models.CharField(
                    choices=[("IDR", "IDR"), ("USD", "USD"), ("SGD", "SGD"), ("JPY", "JPY")],
                    max_length=3,
                ),
            ),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("wishlist", "product"), name="wishlist_line_once")
            ]
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_history"),
        ("catalog", "0003_catalogue"),
        ("catalog", "0004_stock_movement_order"),
        ("catalog", "0005_listing"),
        ("catalog", "0006_option_is_facet"),
        ("catalog", "0007_codes"),
        ("catalog", "0008_searches"),
        ("catalog", "0009_plain_facet_bits"),
        ("catalog", "0010_told_pages"),
        ("catalog", "0011_confirmed_interest"),
        ("catalog", "0012_taxes_and_limits"),
        ("catalog", "0013_waiting"),
        ("catalog", "0014_measures"),
        ("catalog", "0015_payment_minutes"),
        ("catalog", "0016_confirmed_waiting"),
        ("catalog", "0017_words_in_order"),
    ]

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        # Trusted since PostgreSQL 13: the owner of the database may create them, on RDS too.
        BtreeGistExtension(),
        CreateExtension(name="fuzzystrmatch"),
        TrigramExtension(),
        UnaccentExtension(),
        CreateModels(TABLES),
        append_only("catalog_stockmovement"),
        *(migrations.RunSQL((SQL / f"{name}.sql").read_text(encoding="utf-8")) for name in RULES),
        migrations.RunSQL(triggers()),
        migrations.RunPython(add_listing_setting),
    ]
