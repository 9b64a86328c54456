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
--   these two with + behind where such a variant is available
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

-- The words of some products, of all languages in one vector: in Indonesia people search for
-- `dress` and `kemeja` alike. As written: A names, B category, colours, attributes. Stemmed (the
-- Indonesian stemmer makes `meja` of `kemeja`): C the same, D all else.
CREATE FUNCTION catalog_listing_words(wanted bigint[])
RETURNS TABLE (product_id bigint, words tsvector) LANGUAGE sql VOLATILE AS $$
    WITH RECURSIVE above AS (
        SELECT p.id AS product_id, c.id, c.parent_id
        FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
        WHERE p.id = ANY(wanted)
        UNION ALL
        SELECT above.product_id, c.id, c.parent_id
        FROM above JOIN catalog_category c ON c.id = above.parent_id
    ), text AS (
        SELECT t.product_id, t.language, 'A'::"char" AS weight, t.name AS body
        FROM catalog_producttranslation t WHERE t.product_id = ANY(wanted)
        UNION ALL
        SELECT above.product_id, t.language, 'B', t.name
        FROM above JOIN catalog_categorytranslation t ON t.category_id = above.id
        UNION ALL
        SELECT DISTINCT v.product_id, t.language, 'B'::"char", t.name
        FROM catalog_variant v
        JOIN catalog_variantvalue x ON x.variant_id = v.id
        JOIN catalog_optionvalue o ON o.id = x.value_id AND o.swatch <> ''
        JOIN catalog_optionvaluetranslation t ON t.value_id = o.id
        WHERE v.product_id = ANY(wanted) AND v.is_active
        UNION ALL
        SELECT a.product_id, t.language, 'B', t.name
        FROM catalog_productattribute a JOIN catalog_attributevaluetranslation t ON t.value_id = a.value_id
        WHERE a.product_id = ANY(wanted)
        UNION ALL
        SELECT t.product_id, t.language, 'D', left(t.material || ' ' || t.fit || ' ' || t.description, 2000)
        FROM catalog_producttranslation t WHERE t.product_id = ANY(wanted)
    ), whole AS (
        SELECT product_id, language, weight, unaccent(string_agg(body, ' . ')) AS body
        FROM text GROUP BY product_id, language, weight
    ), vector AS (
        SELECT w.product_id, setweight(to_tsvector('simple', w.body), w.weight) AS words
        FROM whole w WHERE w.weight <> 'D'
        UNION ALL
        SELECT w.product_id, setweight(
            to_tsvector(coalesce(l.config, 'simple'::regconfig), w.body),
            CASE w.weight WHEN 'D' THEN 'D'::"char" ELSE 'C' END
        )
        FROM whole w LEFT JOIN catalog_searchlanguage l ON l.code = w.language
    )
    SELECT product_id, catalog_join_vectors(words) FROM vector GROUP BY product_id
$$;

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

-- Writes the listings of the products anew, or removes them; notes when each changes next.
-- A plan for any number of products is a hundred times worse than one for those wanted.
CREATE FUNCTION catalog_refresh_listing(wanted bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    -- Not now(): a price may have begun since this transaction did.
    at timestamptz := clock_timestamp();
    shown bigint[];
BEGIN
    SELECT array_agg(p.id) INTO shown
    FROM catalog_product p JOIN catalog_seller s ON s.id = p.seller_id AND s.is_active
    WHERE p.id = ANY(wanted) AND p.is_published
        AND (p.publish_from IS NULL OR p.publish_from <= at)
        AND (p.publish_until IS NULL OR p.publish_until > at);

    WITH fresh AS MATERIALIZED (
        SELECT p.id AS product_id, p.created_at, c.price_minor,
            coalesce((c.compare_at_minor - c.price_minor) * 100 / nullif(c.compare_at_minor, 0), 0) AS discount,
            p.sold_count, c.is_available, t.tokens, coalesce(w.words, '') AS words, c.card
        FROM catalog_product p
        JOIN catalog_listing_cards(shown, at) c ON c.product_id = p.id
        JOIN catalog_listing_tokens(shown, at) t ON t.product_id = p.id
        LEFT JOIN catalog_listing_words(shown) w ON w.product_id = p.id
        WHERE p.id = ANY(shown)
    ), gone AS (
        DELETE FROM catalog_listing l
        WHERE l.product_id = ANY(wanted)
            AND NOT EXISTS (SELECT FROM fresh f WHERE f.product_id = l.product_id)
    )
    INSERT INTO catalog_listing AS l
        (product_id, created_at, price_minor, discount, sold_count, is_available, tokens, words, card)
    SELECT product_id, created_at, price_minor, discount, sold_count, is_available, tokens, words, card
    FROM fresh ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE SET
        created_at = EXCLUDED.created_at, price_minor = EXCLUDED.price_minor,
        discount = EXCLUDED.discount, sold_count = EXCLUDED.sold_count,
        is_available = EXCLUDED.is_available, tokens = EXCLUDED.tokens,
        words = EXCLUDED.words, card = EXCLUDED.card
    WHERE (l.created_at, l.price_minor, l.discount, l.sold_count, l.is_available, l.tokens, l.words, l.card)
        IS DISTINCT FROM (EXCLUDED.created_at, EXCLUDED.price_minor, EXCLUDED.discount, EXCLUDED.sold_count,
            EXCLUDED.is_available, EXCLUDED.tokens, EXCLUDED.words, EXCLUDED.card);

    PERFORM catalog_note_words(shown);
    PERFORM catalog_schedule_listing(wanted, at);
END $$;

-- The words of fresh names, as people type them: what typing errors are measured against.
CREATE FUNCTION catalog_note_words(shown bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO catalog_searchword (word, product_count)
    SELECT DISTINCT lexeme, 1
    FROM catalog_listing l, unnest(l.words) AS w(lexeme, positions, weights)
    WHERE l.product_id = ANY(shown) AND ('A' = ANY(weights) OR 'B' = ANY(weights)) AND lexeme ~ '^[[:alpha:]]{3,40}$'
        AND NOT EXISTS (SELECT FROM catalog_searchword known WHERE known.word = lexeme)
    ORDER BY lexeme
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION catalog_schedule_listing(wanted bigint[], at timestamptz) RETURNS void LANGUAGE sql AS $$
    WITH moment AS (
        SELECT p.id AS product_id, unnest(ARRAY[p.publish_from, p.publish_until]) AS due_at
        FROM catalog_product p WHERE p.id = ANY(wanted) AND p.is_published
        UNION ALL
        SELECT v.product_id, unnest(ARRAY[price.valid_from, price.valid_until])
        FROM catalog_variant v JOIN catalog_price price ON price.variant_id = v.id
        WHERE v.product_id = ANY(wanted) AND v.is_active
            AND (price.valid_from > at OR price.valid_until > at)
    ), next AS (
        SELECT product_id, min(due_at) AS due_at FROM moment WHERE due_at > at GROUP BY product_id
    ), none AS (
        DELETE FROM catalog_listingschedule s
        WHERE s.product_id = ANY(wanted) AND NOT EXISTS (SELECT FROM next WHERE next.product_id = s.product_id)
    )
    INSERT INTO catalog_listingschedule AS s (product_id, due_at)
    SELECT product_id, due_at FROM next ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE SET due_at = EXCLUDED.due_at WHERE s.due_at <> EXCLUDED.due_at
$$;

-- Before COMMIT: the first of the transaction's marks does the work of all.
CREATE FUNCTION catalog_refresh_stale() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine CONSTANT bigint := pg_current_xact_id()::text::bigint;
    free bigint[];
BEGIN
    SELECT array_agg(product_id) INTO free FROM (
        SELECT product_id FROM catalog_stalelisting
        WHERE transaction_id = mine AND NOT is_deferred
        GROUP BY product_id ORDER BY product_id
    ) AS marked
    WHERE pg_try_advisory_xact_lock(catalog_listing_lock(product_id));
    IF free IS NULL THEN
        PERFORM pg_notify('catalogue', '');
        RETURN NULL;
    END IF;
    DELETE FROM catalog_stalelisting WHERE transaction_id = mine AND product_id = ANY(free);
    PERFORM catalog_refresh_listing(free);
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_listing_lock(product_id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT 5739000000000000000 + product_id
$$;
CREATE CONSTRAINT TRIGGER catalog_stalelisting_refresh AFTER INSERT ON catalog_stalelisting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.is_deferred)
    EXECUTE FUNCTION catalog_refresh_stale();

-- Marks products, unless a bulk job has said that it writes their listings itself. What concerns
-- very many is left to the follow-up: nobody's save should wait for it.
CREATE FUNCTION catalog_mark_stale(products bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF products IS NULL OR current_setting('etalase.defer_listing', true) = 'on' THEN
        RETURN;
    END IF;
    INSERT INTO catalog_stalelisting (product_id, is_deferred)
    SELECT id, cardinality(products) > 100 FROM unnest(products) AS id ORDER BY id;
    IF cardinality(products) > 100 THEN
        PERFORM pg_notify('catalogue', '');
    END IF;
END $$;

-- One trigger function for each way from a row to its product.
CREATE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_stale((SELECT array_agg(id) FROM new_rows));
    ELSE
        PERFORM catalog_mark_stale((
            SELECT array_agg(n.id) FROM new_rows n JOIN old_rows o USING (id)
            WHERE (n.seller_id, n.category_id, n.is_published, n.publish_from, n.publish_until,
                    n.created_at, n.sold_count, n.rating_sum, n.rating_count)
                IS DISTINCT FROM (o.seller_id, o.category_id, o.is_published, o.publish_from, o.publish_until,
                    o.created_at, o.sold_count, o.rating_sum, o.rating_count)
        ));
    END IF;
    RETURN NULL;
END $$;

-- Rows that name their product themselves.
CREATE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_stale((SELECT array_agg(DISTINCT product_id) FROM new_rows));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM catalog_mark_stale((SELECT array_agg(DISTINCT product_id) FROM old_rows));
    ELSE
        PERFORM catalog_mark_stale((
            SELECT array_agg(DISTINCT product_id) FROM (TABLE new_rows UNION ALL TABLE old_rows) AS rows
        ));
    END IF;
    RETURN NULL;
END $$;

-- Rows that name their variant.
CREATE FUNCTION catalog_variant_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_stale((
            SELECT array_agg(DISTINCT v.product_id) FROM new_rows JOIN catalog_variant v ON v.id = variant_id
        ));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM catalog_mark_stale((
            SELECT array_agg(DISTINCT v.product_id) FROM old_rows JOIN catalog_variant v ON v.id = variant_id
        ));
    ELSE
        PERFORM catalog_mark_stale((
            SELECT array_agg(DISTINCT v.product_id)
            FROM (TABLE new_rows UNION ALL TABLE old_rows) AS rows JOIN catalog_variant v ON v.id = variant_id
        ));
    END IF;
    RETURN NULL;
END $$;

-- Stock: listings care whether there is any, the product's page how many while they are few.
CREATE FUNCTION catalog_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    before_units integer := CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.on_hand - OLD.reserved END;
    after_units integer := CASE TG_OP WHEN 'DELETE' THEN 0 ELSE NEW.on_hand - NEW.reserved END;
BEGIN
    IF current_setting('etalase.defer_listing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    SELECT ARRAY[v.product_id] INTO changed
    FROM catalog_variant v
    WHERE v.id = CASE TG_OP WHEN 'DELETE' THEN OLD.variant_id ELSE NEW.variant_id END;
    IF (before_units > 0) <> (after_units > 0) THEN
        PERFORM catalog_mark_stale(changed);
    ELSE
        INSERT INTO catalog_listingchange (product_id, is_listed, tokens) VALUES (changed[1], false, '{}');
        PERFORM pg_notify('catalogue', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_stockitem_insert_listing AFTER INSERT ON catalog_stockitem
    FOR EACH ROW WHEN (NEW.on_hand > NEW.reserved) EXECUTE FUNCTION catalog_stock_changed();
CREATE TRIGGER catalog_stockitem_delete_listing AFTER DELETE ON catalog_stockitem
    FOR EACH ROW WHEN (OLD.on_hand > OLD.reserved) EXECUTE FUNCTION catalog_stock_changed();
CREATE TRIGGER catalog_stockitem_update_listing AFTER UPDATE ON catalog_stockitem
    FOR EACH ROW WHEN (least(OLD.on_hand - OLD.reserved, 6) <> least(NEW.on_hand - NEW.reserved, 6))
    EXECUTE FUNCTION catalog_stock_changed();

-- Words that many products share, and what every page shows.
CREATE FUNCTION catalog_tree_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_listingchange (product_id, tokens) VALUES (NULL, '{}');
    PERFORM pg_notify('catalogue', '');
    RETURN NULL;
END $$;

CREATE FUNCTION catalog_seller_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_mark_stale((SELECT array_agg(id) FROM catalog_product WHERE seller_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_seller_listing AFTER UPDATE ON catalog_seller
    FOR EACH ROW WHEN (NEW.is_active <> OLD.is_active) EXECUTE FUNCTION catalog_seller_changed();

CREATE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := CASE TG_TABLE_NAME WHEN 'catalog_category' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'category_id' END;
BEGIN
    PERFORM catalog_mark_stale((
        WITH RECURSIVE below AS (
            SELECT changed AS id
            UNION ALL
            SELECT c.id FROM below JOIN catalog_category c ON c.parent_id = below.id
        )
        SELECT array_agg(p.id) FROM catalog_product p JOIN below ON below.id = p.category_id
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_category_listing AFTER UPDATE ON catalog_category
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION catalog_category_changed();
CREATE TRIGGER catalog_categorytranslation_listing AFTER INSERT OR UPDATE ON catalog_categorytranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_category_changed();

CREATE FUNCTION catalog_option_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := CASE TG_TABLE_NAME WHEN 'catalog_optionvalue' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'value_id' END;
BEGIN
    PERFORM catalog_mark_stale((
        SELECT array_agg(DISTINCT v.product_id)
        FROM catalog_variantvalue x JOIN catalog_variant v ON v.id = x.variant_id
        WHERE x.value_id = changed
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_optionvalue_listing AFTER UPDATE ON catalog_optionvalue
    FOR EACH ROW WHEN (NEW.swatch <> OLD.swatch OR NEW.position <> OLD.position)
    EXECUTE FUNCTION catalog_option_value_changed();
CREATE TRIGGER catalog_optionvaluetranslation_listing AFTER INSERT OR UPDATE ON catalog_optionvaluetranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_option_value_changed();

CREATE FUNCTION catalog_attribute_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_mark_stale((
        SELECT array_agg(DISTINCT product_id) FROM catalog_productattribute WHERE value_id = NEW.value_id
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_attributevaluetranslation_listing
    AFTER INSERT OR UPDATE ON catalog_attributevaluetranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_attribute_value_changed();

-- What the follow-up has to tell caches and counts.
CREATE FUNCTION catalog_listing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO catalog_listingchange (product_id, tokens) SELECT product_id, tokens FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO catalog_listingchange (product_id, tokens) SELECT product_id, tokens FROM old_rows;
    ELSE
        INSERT INTO catalog_listingchange (product_id, tokens)
        SELECT n.product_id, ARRAY(
            (SELECT unnest(n.tokens) EXCEPT SELECT unnest(o.tokens))
            UNION ALL
            (SELECT unnest(o.tokens) EXCEPT SELECT unnest(n.tokens))
        )
        FROM new_rows n JOIN old_rows o USING (product_id);
    END IF;
    PERFORM pg_notify('catalogue', '');
    RETURN NULL;
END $$;

-- A slug that was public goes on leading to its page.
CREATE FUNCTION catalog_product_slug_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM catalog_productredirect WHERE language = NEW.language AND slug = NEW.slug;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO catalog_productredirect (product_id, language, slug)
        VALUES (OLD.product_id, OLD.language, OLD.slug)
        ON CONFLICT (language, slug) DO UPDATE SET product_id = EXCLUDED.product_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_producttranslation_slug AFTER UPDATE ON catalog_producttranslation
    FOR EACH ROW WHEN (NEW.slug <> OLD.slug) EXECUTE FUNCTION catalog_product_slug_changed();
CREATE TRIGGER catalog_producttranslation_new_slug AFTER INSERT ON catalog_producttranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_product_slug_changed();

CREATE FUNCTION catalog_category_slug_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM catalog_categoryredirect WHERE language = NEW.language AND slug = NEW.slug;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO catalog_categoryredirect (category_id, language, slug)
        VALUES (OLD.category_id, OLD.language, OLD.slug)
        ON CONFLICT (language, slug) DO UPDATE SET category_id = EXCLUDED.category_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_categorytranslation_slug AFTER UPDATE ON catalog_categorytranslation
    FOR EACH ROW WHEN (NEW.slug <> OLD.slug) EXECUTE FUNCTION catalog_category_slug_changed();
CREATE TRIGGER catalog_categorytranslation_new_slug AFTER INSERT ON catalog_categorytranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_category_slug_changed();

-- Counting reads many of these rows: beside the others of its chunk, not in a table of their own.
ALTER TABLE catalog_facetbits ALTER COLUMN bits SET STORAGE MAIN;

-- A search for any of some words or phrases: as written, or stemmed in any language.
CREATE FUNCTION catalog_query_of(alternatives text[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
    result tsquery := ''::tsquery;
    alternative text;
    config regconfig;
BEGIN
    FOREACH alternative IN ARRAY alternatives LOOP
        result := result || phraseto_tsquery('simple', alternative);
        FOR config IN SELECT l.config FROM catalog_searchlanguage l LOOP
            result := result || phraseto_tsquery(config, alternative);
        END LOOP;
    END LOOP;
    RETURN result;
END $$;

-- A search for all of some terms, each a list of alternatives separated by '|'; the last word of
-- all may be the beginning of a longer one.
CREATE FUNCTION catalog_search_query(terms text[], prefix text, joined_by text) RETURNS tsquery
LANGUAGE plpgsql STABLE AS $$
DECLARE
    result tsquery;
    own tsquery;
BEGIN
    FOR place IN 1 .. cardinality(terms) LOOP
        own := catalog_query_of(string_to_array(terms[place], '|'));
        IF place = cardinality(terms) AND prefix <> '' THEN
            own := own || to_tsquery('simple', quote_literal(prefix) || ':*');
        END IF;
        result := CASE WHEN result IS NULL THEN own WHEN joined_by = '&' THEN result && own ELSE result || own END;
    END LOOP;
    RETURN coalesce(result, ''::tsquery);
END $$;

-- What is filtered, searched and sorted by lies together; a card is fetched for those shown.
ALTER TABLE catalog_listing ALTER COLUMN tokens SET STORAGE MAIN;
ALTER TABLE catalog_listing ALTER COLUMN words SET STORAGE MAIN;
ALTER TABLE catalog_listing SET (toast_tuple_target = 512);
