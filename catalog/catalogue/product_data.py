"""What the database knows of one product, read with a single statement.

The page of a product takes ten tables. As so many queries most of its time went into asking, and
as one that is planned each time a third of it would go into planning.
"""

from datetime import datetime
from typing import Any

from shop.core.prepared import read_prepared

# Texts are in all languages; prices are those of the currency at that moment.
_DATA = """
SELECT json_build_object(
  'pk', product.id,
  'category_pk', product.category_id,
  'size_guide_pk', product.size_guide_id,
  'rating_sum', product.rating_sum,
  'rating_count', product.rating_count,
  'seller', seller.name,
  'texts', (
    SELECT json_object_agg(language, json_build_object(
      'slug', slug, 'name', name, 'description', description, 'material', material, 'care', care,
      'fit', fit, 'model_size', model_size, 'seo_title', seo_title,
      'seo_description', seo_description
    ) ORDER BY language)
    FROM catalog_producttranslation WHERE product_id = product.id
  ),
  'category', (
    SELECT json_agg(json_build_array(language, name, slug) ORDER BY language)
    FROM catalog_categorytranslation WHERE category_id = product.category_id
  ),
  'offers', (
    SELECT json_agg(json_build_array(
      variant.id, variant.public_id, variant.sku, variant.weight_grams, price.amount_minor,
      price.compare_at_minor, (
        SELECT coalesce(sum(on_hand - reserved), 0)
        FROM catalog_stockitem WHERE variant_id = variant.id
      )
    ) ORDER BY variant.position, variant.id)
    FROM catalog_variant variant
    JOIN catalog_price price ON price.variant_id = variant.id
    WHERE variant.product_id = product.id AND variant.is_active AND price.currency = %(currency)s
      AND price.valid_from <= %(at)s AND (price.valid_until IS NULL OR price.valid_until > %(at)s)
  ),
  'options', (
    SELECT json_agg(json_build_array(option.id, option.code, text.language, text.name)
      ORDER BY own.position, option.position, own.id, text.language)
    FROM catalog_productoption own
    JOIN catalog_option option ON option.id = own.option_id
    LEFT JOIN catalog_optiontranslation text ON text.option_id = option.id
    WHERE own.product_id = product.id
  ),
  'values', (
    SELECT json_agg(json_build_array(
      own.variant_id, own.option_id, value.id, value.code, value.swatch, text.language, text.name
    ) ORDER BY value.position, value.id, own.variant_id, text.language)
    FROM catalog_variant variant
    JOIN catalog_variantvalue own ON own.variant_id = variant.id
    JOIN catalog_optionvalue value ON value.id = own.value_id
    LEFT JOIN catalog_optionvaluetranslation text ON text.value_id = value.id
    WHERE variant.product_id = product.id AND variant.is_active
  ),
  'pictures', (
    SELECT json_agg(json_build_array(
      image.width, image.height, image.renditions, image.option_value_id,
      coalesce(value.code, ''), image.colour
    ) ORDER BY image.position, image.id)
    FROM catalog_productimage image
    LEFT JOIN catalog_optionvalue value ON value.id = image.option_value_id
    WHERE image.product_id = product.id AND image.state IN ('ready', 'processing')
  ),
  'ships_from', (
    SELECT location.city
    FROM catalog_variant variant
    JOIN catalog_stockitem item ON item.variant_id = variant.id
    JOIN catalog_location location ON location.id = item.location_id
    WHERE variant.product_id = product.id
    GROUP BY location.id
    ORDER BY sum(least(item.on_hand - item.reserved, 6)) DESC, location.id
    LIMIT 1
  )
)
FROM catalog_product product
JOIN catalog_seller seller ON seller.id = product.seller_id
WHERE """
_BY_SLUG = """
  product.id IN (SELECT product_id FROM catalog_producttranslation WHERE slug = %(slug)s)
  AND product.is_published AND seller.is_active
  AND (product.publish_from IS NULL OR product.publish_from <= %(at)s)
  AND (product.publish_until IS NULL OR product.publish_until > %(at)s)
ORDER BY product.id"""

Data = dict[str, Any]


def read_on_sale(*, slug: str, currency: str, at: datetime) -> list[Data]:
    """Products on sale that have the slug in some language: as a rule one."""
    return _read(_DATA + _BY_SLUG, slug=slug, currency=currency, at=at)


def read_product(*, pk: int, currency: str, at: datetime) -> list[Data]:
    """The product, published or not; empty where there is none."""
    return _read(_DATA + "product.id = %(pk)s", pk=pk, currency=currency, at=at)


def _read(statement: str, **values: str | int | datetime) -> list[Data]:
    return [data for (data,) in read_prepared(statement, values)]
