-- Replaces the function of 0005: three values of one variant have a token as well.
-- The tokens of some products: what facets filter by.
--   *: all · c<category>, also of those above · s<seller> · a<attribute value> · r<price range> · p<price step>
--   t<n>: sold n times or more · d: reduced · +: available · v<option value>, v<value>.<value> of one variant (lower pk first);
--   v<value>.<value>.<value> likewise; these with + behind where such a variant is available
CREATE OR REPLACE FUNCTION catalog_listing_tokens(wanted bigint[], at timestamptz)
RETURNS TABLE (product_id bigint, tokens text[]) LANGUAGE sql VOLATILE AS $$
    WITH RECURSIVE above AS (
        SELECT p.id AS product_id, c.id, c.parent_id
        FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
        WHERE p.id = ANY(wanted)
        UNION ALL
        SELECT above.product_id, c.id, c.parent_id
        FROM above JOIN catalog_category c ON c.id = above.parent_id
    ), offer AS MATERIALIZED (
        SELECT * FROM catalog_offers(wanted, at)
    ), best AS (
        SELECT DISTINCT ON (o.product_id) o.*
        FROM offer o ORDER BY o.product_id, o.price_minor, o.place, o.variant_id
    ), coordinate AS MATERIALIZED (
        SELECT o.product_id, o.variant_id, o.available > 0 AS is_available, x.value_id
        FROM offer o JOIN catalog_variantvalue x ON x.variant_id = o.variant_id
    ), value_token AS (
        SELECT product_id, 'v' || value_id AS token, is_available FROM coordinate
        UNION ALL
        SELECT a.product_id, 'v' || a.value_id || '.' || b.value_id, a.is_available
        FROM coordinate a JOIN coordinate b ON b.variant_id = a.variant_id AND a.value_id < b.value_id
        UNION ALL
        SELECT a.product_id, 'v' || a.value_id || '.' || b.value_id || '.' || c.value_id, a.is_available
        FROM coordinate a
        JOIN coordinate b ON b.variant_id = a.variant_id AND a.value_id < b.value_id
        JOIN coordinate c ON c.variant_id = b.variant_id AND b.value_id < c.value_id
    ), every AS (
        SELECT product_id, '*' AS token FROM best
        UNION ALL
        SELECT product_id, 'c' || id FROM above
        UNION ALL
        SELECT id, 's' || seller_id FROM catalog_product WHERE id = ANY(wanted)
        UNION ALL
        SELECT t.product_id, 'a' || t.value_id FROM catalog_productattribute t WHERE t.product_id = ANY(wanted)
        UNION ALL
        SELECT product_id, token FROM value_token
        UNION ALL
        SELECT product_id, token || '+' FROM value_token WHERE is_available
        UNION ALL
        SELECT product_id, '+' FROM offer WHERE available > 0
        UNION ALL
        SELECT product_id, catalog_price_step(price_minor) FROM best
        UNION ALL
        SELECT product_id, 'r' || (SELECT count(*) FROM unnest(setting.price_ranges) ends WHERE ends <= price_minor)
        FROM best, catalog_listingsetting setting
        UNION ALL
        SELECT id, 't' || least FROM catalog_product, unnest(ARRAY[15, 63, 255, 1023, 4095]) AS least
        WHERE id = ANY(wanted) AND sold_count >= least
        UNION ALL
        SELECT product_id, 'd' FROM best WHERE compare_at_minor > price_minor
    )
    SELECT product_id, array_agg(DISTINCT token ORDER BY token) FROM every GROUP BY product_id
$$;

-- Listings that have such tokens. Up to a hundred are written with this migration, more by the
-- follow-up within minutes.
SELECT catalog_mark_stale((
    SELECT array_agg(product_id) FROM (
        SELECT product_id FROM catalog_productoption GROUP BY product_id HAVING count(*) > 2
    ) AS products
));
