-- What a product's page shows and no listing does is told too: every product whose listing is
-- written anew gets a note, also where its listing has come out the same.

-- The page of each of these products shows something else now.
CREATE FUNCTION catalog_note_pages(products bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_listingchange (product_id, is_listed, tokens)
    SELECT id, false, '{}' FROM unnest(products) AS id ORDER BY id;
    IF FOUND THEN
        PERFORM pg_notify('catalogue', '');
    END IF;
END $$;

-- Writes the listings of the products anew, or removes them; notes when each changes next. Returns
-- the products whose listings have changed.
-- A plan for any number of products is a hundred times worse than one for those wanted.
CREATE FUNCTION catalog_write_listing(wanted bigint[]) RETURNS bigint[] LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    -- Not now(): a price may have begun since this transaction did.
    at timestamptz := clock_timestamp();
    shown bigint[];
    changed bigint[];
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
        RETURNING l.product_id
    ), written AS (
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
                EXCLUDED.is_available, EXCLUDED.tokens, EXCLUDED.words, EXCLUDED.card)
        RETURNING l.product_id
    )
    SELECT array_agg(product_id) INTO changed FROM (TABLE gone UNION ALL TABLE written) AS rows;

    PERFORM catalog_note_words(shown);
    PERFORM catalog_schedule_listing(wanted, at);
    RETURN coalesce(changed, '{}');
END $$;

-- The same, and the page of each of the products is told. The notes of listings that have changed
-- are written by their own trigger.
CREATE FUNCTION catalog_refresh_listing(wanted bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT bigint[] := catalog_write_listing(wanted);
BEGIN
    PERFORM catalog_note_pages(ARRAY(SELECT unnest(wanted) EXCEPT SELECT unnest(changed)));
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
    IF free IS NOT NULL THEN
        DELETE FROM catalog_stalelisting WHERE transaction_id = mine AND product_id = ANY(free);
        PERFORM catalog_refresh_listing(free);
    END IF;
    IF EXISTS (SELECT FROM catalog_stalelisting WHERE transaction_id = mine AND NOT is_deferred)
        AND current_setting('etalase.told_in', true) IS DISTINCT FROM mine::text
    THEN
        -- Listings that somebody else is writing have to wait. Pages read the products themselves:
        -- they are told at once, and by the first of the marks for all.
        PERFORM set_config('etalase.told_in', mine::text, true);
        PERFORM catalog_note_pages(ARRAY(
            SELECT DISTINCT product_id FROM catalog_stalelisting WHERE transaction_id = mine AND NOT is_deferred
        ));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION catalog_listing_lock(product_id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT 5739000000000000000 + product_id
$$;
CREATE CONSTRAINT TRIGGER catalog_stalelisting_refresh AFTER INSERT ON catalog_stalelisting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.is_deferred)
    EXECUTE FUNCTION catalog_refresh_stale();
