-- The derived table catalog_listing: who writes it, and when.
--
-- A change of anything that customers see marks its product in catalog_stalelisting. Just before
-- COMMIT a deferred trigger writes the listings of all products that the transaction has marked.
-- It never waits for another transaction: a sale holds stock rows by then, and waiting could
-- deadlock. A product that somebody else is writing stays marked, and the follow-up does it.

-- The functions that read are VOLATILE although they change nothing: as STABLE ones they would be
-- inlined into their callers, with plans that take eight times as long.

-- What the settings say, for functions that cannot read them; kept by `manage.py rebuild_listings`.
CREATE TABLE catalog_listingsetting (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    currency text CHECK (currency IS NOT NULL),
    -- The upper ends of the price ranges offered as a facet, ascending, exclusive.
    price_ranges bigint[] CHECK (price_ranges IS NOT NULL)
);

-- How the words of a language are stemmed; a language without a row is taken as written.
CREATE TABLE catalog_searchlanguage (
    code text PRIMARY KEY,
    config regconfig CHECK (config IS NOT NULL)
);
INSERT INTO catalog_searchlanguage VALUES ('id', 'indonesian'), ('en', 'english');

-- Prices in nice steps of 2-10 %: 149000 lies between 140000 and 150000. Ends are steps of their
-- own ('='), so that a range which includes its ends is exactly a set of steps.
CREATE FUNCTION catalog_price_step(price bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN price < 10 THEN 'p=' || price
        WHEN price % step = 0 THEN 'p=' || price
        ELSE 'p' || price / step * step
    END
    FROM (SELECT (10 ^ (length(price::text) - 2))::bigint AS unit, left(price::text, 1)::int AS digit) AS size,
        LATERAL (SELECT unit * CASE WHEN digit < 5 THEN 1 ELSE 5 END AS step) AS steps
$$;

-- What can be bought of some products: active variants with a price now.
CREATE FUNCTION catalog_offers(wanted bigint[], at timestamptz)
RETURNS TABLE (
    product_id bigint, variant_id bigint, place integer,
    price_minor bigint, compare_at_minor bigint, available bigint
) LANGUAGE sql VOLATILE AS $$
    SELECT v.product_id, v.id, v.position, price.amount_minor, price.compare_at_minor,
        coalesce((SELECT sum(s.on_hand - s.reserved) FROM catalog_stockitem s WHERE s.variant_id = v.id), 0)
    FROM catalog_variant v
    JOIN catalog_price price ON price.variant_id = v.id
    JOIN catalog_listingsetting setting ON setting.currency = price.currency
    WHERE v.product_id = ANY(wanted) AND v.is_active
        AND price.valid_from <= at AND (price.valid_until IS NULL OR price.valid_until > at)
$$;

-- The tokens of some products: what facets filter by.
--   *: all · c<category>, also of those above · s<seller> · a<attribute value> · r<price range> · p<price step>
--   t<n>: sold n times or more · d: reduced · +: available · v<option value>, v<value>.<value> of one variant (lower pk first);
--   v<value>.<value>.<value> likewise; these with + behind where such a variant is available
CREATE FUNCTION catalog_listing_tokens(wanted bigint[], at timestamptz)
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

CREATE AGGREGATE catalog_join_vectors(tsvector) (
    SFUNC = tsvector_concat, STYPE = tsvector, INITCOND = '', PARALLEL = SAFE
);

-- What a card shows: {"price", "before", "varies", "available", "rating": [sum, count],
-- "swatches": [[value, hex]], "image": {…} or null, "text": {language: {"name", "slug",
-- "swatches": [name], "colour": of the image}}}
CREATE FUNCTION catalog_listing_cards(wanted bigint[], at timestamptz)
RETURNS TABLE (product_id bigint, price_minor bigint, compare_at_minor bigint, is_available boolean, card jsonb)
LANGUAGE sql VOLATILE AS $$
    WITH offer AS MATERIALIZED (
        SELECT * FROM catalog_offers(wanted, at)
    ), best AS (
        SELECT DISTINCT ON (o.product_id) o.product_id, o.price_minor, o.compare_at_minor
        FROM offer o ORDER BY o.product_id, o.price_minor, o.place, o.variant_id
    ), sums AS (
        SELECT o.product_id, bool_or(o.available > 0) AS is_available,
            min(o.price_minor) <> max(o.price_minor) AS varies
        FROM offer o GROUP BY o.product_id
    ), offered AS MATERIALIZED (
        SELECT DISTINCT o.product_id, x.value_id
        FROM offer o JOIN catalog_variantvalue x ON x.variant_id = o.variant_id
    ), swatch AS (
        SELECT offered.product_id, v.id, v.swatch, v.position
        FROM offered JOIN catalog_optionvalue v ON v.id = offered.value_id
        WHERE v.swatch <> ''
    ), swatches AS (
        SELECT product_id, jsonb_agg(swatch ORDER BY position, id) AS swatches
        FROM swatch GROUP BY product_id
    ), swatch_names AS (
        SELECT t.product_id, t.language, jsonb_agg(coalesce(n.name, '') ORDER BY s.position, s.id) AS names
        FROM catalog_producttranslation t
        JOIN swatch s ON s.product_id = t.product_id
        LEFT JOIN catalog_optionvaluetranslation n ON n.value_id = s.id AND n.language = t.language
        WHERE t.product_id = ANY(wanted)
        GROUP BY t.product_id, t.language
    ), image AS (
        -- Of no colour, or of one that is offered; a finished one before one that is being prepared.
        SELECT DISTINCT ON (i.product_id) i.product_id, i.option_value_id,
            jsonb_build_object(
                'width', i.width, 'height', i.height, 'colour', i.colour, 'renditions', i.renditions,
                'value', coalesce(v.code, '')
            ) AS image
        FROM catalog_productimage i
        LEFT JOIN offered o ON o.product_id = i.product_id AND o.value_id = i.option_value_id
        LEFT JOIN catalog_optionvalue v ON v.id = i.option_value_id
        WHERE i.product_id = ANY(wanted) AND i.state <> 'failed'
            AND (i.option_value_id IS NULL OR o.value_id IS NOT NULL)
        ORDER BY i.product_id, i.renditions = '[]'::jsonb, i.position, i.id
    ), text AS (
        SELECT t.product_id, jsonb_object_agg(t.language, jsonb_build_object(
            'name', t.name, 'slug', t.slug, 'colour', n.name, 'swatches', coalesce(names, '[]')
        )) AS text
        FROM catalog_producttranslation t
        LEFT JOIN image USING (product_id)
        LEFT JOIN catalog_optionvaluetranslation n
            ON n.value_id = image.option_value_id AND n.language = t.language
        LEFT JOIN swatch_names ON swatch_names.product_id = t.product_id AND swatch_names.language = t.language
        WHERE t.product_id = ANY(wanted)
        GROUP BY t.product_id
    )
    SELECT best.product_id, best.price_minor, best.compare_at_minor, sums.is_available,
        jsonb_build_object(
            'price', best.price_minor,
            'before', best.compare_at_minor,
            'varies', sums.varies,
            'available', sums.is_available,
            'rating', jsonb_build_array(p.rating_sum, p.rating_count),
            'image', image.image,
            'swatches', coalesce(swatches.swatches, '[]'),
            'text', text.text
        )
    FROM best
    JOIN sums USING (product_id)
    JOIN text USING (product_id)
    JOIN catalog_product p ON p.id = best.product_id
    LEFT JOIN image USING (product_id)
    LEFT JOIN swatches USING (product_id)
$$;
