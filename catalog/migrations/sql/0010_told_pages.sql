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
CREATE OR REPLACE FUNCTION catalog_refresh_listing(wanted bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT bigint[] := catalog_write_listing(wanted);
BEGIN
    PERFORM catalog_note_pages(ARRAY(SELECT unnest(wanted) EXCEPT SELECT unnest(changed)));
END $$;

-- Before COMMIT: the first of the transaction's marks does the work of all.
CREATE OR REPLACE FUNCTION catalog_refresh_stale() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- As catalog_mark_stale, for what the pages of the products show too: where their listings have to
-- wait, the pages do not.
CREATE FUNCTION catalog_mark_shown(products bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_mark_stale(products);
    IF cardinality(products) > 100 AND current_setting('etalase.defer_listing', true) IS DISTINCT FROM 'on' THEN
        PERFORM catalog_note_pages(products);
    END IF;
END $$;

-- One trigger function for each way from a row to its product.
CREATE OR REPLACE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_shown((SELECT array_agg(id) FROM new_rows));
    ELSE
        PERFORM catalog_mark_shown((
            SELECT array_agg(n.id) FROM new_rows n JOIN old_rows o USING (id)
            WHERE (n.seller_id, n.category_id, n.size_guide_id, n.is_published, n.publish_from, n.publish_until,
                    n.created_at, n.sold_count, n.rating_sum, n.rating_count)
                IS DISTINCT FROM (o.seller_id, o.category_id, o.size_guide_id, o.is_published, o.publish_from,
                    o.publish_until, o.created_at, o.sold_count, o.rating_sum, o.rating_count)
        ));
    END IF;
    RETURN NULL;
END $$;

-- Rows that name their product themselves.
CREATE OR REPLACE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_shown((SELECT array_agg(DISTINCT product_id) FROM new_rows));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM catalog_mark_shown((SELECT array_agg(DISTINCT product_id) FROM old_rows));
    ELSE
        PERFORM catalog_mark_shown((
            SELECT array_agg(DISTINCT product_id) FROM (TABLE new_rows UNION ALL TABLE old_rows) AS rows
        ));
    END IF;
    RETURN NULL;
END $$;

-- Rows that name their variant.
CREATE OR REPLACE FUNCTION catalog_variant_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM catalog_mark_shown((
            SELECT array_agg(DISTINCT v.product_id) FROM new_rows JOIN catalog_variant v ON v.id = variant_id
        ));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM catalog_mark_shown((
            SELECT array_agg(DISTINCT v.product_id) FROM old_rows JOIN catalog_variant v ON v.id = variant_id
        ));
    ELSE
        PERFORM catalog_mark_shown((
            SELECT array_agg(DISTINCT v.product_id)
            FROM (TABLE new_rows UNION ALL TABLE old_rows) AS rows JOIN catalog_variant v ON v.id = variant_id
        ));
    END IF;
    RETURN NULL;
END $$;

-- Stock: listings care whether there is any, the product's page how many while they are few, and
-- in which city.
CREATE OR REPLACE FUNCTION catalog_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
        PERFORM catalog_note_pages(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER catalog_stockitem_insert_listing AFTER INSERT ON catalog_stockitem
    FOR EACH ROW EXECUTE FUNCTION catalog_stock_changed();
CREATE OR REPLACE TRIGGER catalog_stockitem_delete_listing AFTER DELETE ON catalog_stockitem
    FOR EACH ROW EXECUTE FUNCTION catalog_stock_changed();

-- Tables whose changes nobody was told of.
CREATE TRIGGER catalog_productoption_insert_listing AFTER INSERT ON catalog_productoption
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_part_changed();
CREATE TRIGGER catalog_productoption_update_listing AFTER UPDATE ON catalog_productoption
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_part_changed();
CREATE TRIGGER catalog_productoption_delete_listing AFTER DELETE ON catalog_productoption
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION catalog_part_changed();
-- A guide may be that of very many products.
CREATE TRIGGER catalog_sizeguidetranslation_tree AFTER INSERT OR UPDATE OR DELETE ON catalog_sizeguidetranslation
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_tree_changed();
CREATE TRIGGER catalog_measure_tree AFTER INSERT OR UPDATE OR DELETE ON catalog_measure
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_tree_changed();
CREATE TRIGGER catalog_measuretranslation_tree AFTER INSERT OR UPDATE OR DELETE ON catalog_measuretranslation
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_tree_changed();
CREATE TRIGGER catalog_measureentry_tree AFTER INSERT OR UPDATE OR DELETE ON catalog_measureentry
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_tree_changed();
CREATE TRIGGER catalog_location_tree AFTER UPDATE ON catalog_location
    FOR EACH ROW WHEN (NEW.city <> OLD.city) EXECUTE FUNCTION catalog_tree_changed();

-- Names that are deleted are no longer on cards and in words.
CREATE OR REPLACE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed_row CONSTANT jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    changed CONSTANT bigint := changed_row ->> CASE TG_TABLE_NAME WHEN 'catalog_category' THEN 'id' ELSE 'category_id' END;
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
CREATE OR REPLACE TRIGGER catalog_categorytranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_categorytranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_category_changed();

CREATE OR REPLACE FUNCTION catalog_option_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed_row CONSTANT jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    changed CONSTANT bigint := changed_row ->> CASE TG_TABLE_NAME WHEN 'catalog_optionvalue' THEN 'id' ELSE 'value_id' END;
BEGIN
    PERFORM catalog_mark_stale((
        SELECT array_agg(DISTINCT v.product_id)
        FROM catalog_variantvalue x JOIN catalog_variant v ON v.id = x.variant_id
        WHERE x.value_id = changed
    ));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER catalog_optionvaluetranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_optionvaluetranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_option_value_changed();

CREATE OR REPLACE FUNCTION catalog_attribute_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.value_id ELSE NEW.value_id END;
BEGIN
    PERFORM catalog_mark_stale((
        SELECT array_agg(DISTINCT product_id) FROM catalog_productattribute WHERE value_id = changed
    ));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER catalog_attributevaluetranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_attributevaluetranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_attribute_value_changed();

-- An address that leads elsewhere now, or nowhere: nobody will find it by its product any more.
CREATE FUNCTION catalog_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO catalog_listingchange (is_listed, tokens, slug) VALUES (false, '{}', OLD.slug);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO catalog_listingchange (is_listed, tokens, slug) VALUES (false, '{}', NEW.slug);
    END IF;
    PERFORM pg_notify('catalogue', '');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_producttranslation_address AFTER DELETE ON catalog_producttranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_address_changed();
CREATE TRIGGER catalog_productredirect_address AFTER INSERT OR UPDATE OR DELETE ON catalog_productredirect
    FOR EACH ROW EXECUTE FUNCTION catalog_address_changed();
CREATE TRIGGER catalog_categoryredirect_tree AFTER INSERT OR UPDATE OR DELETE ON catalog_categoryredirect
    FOR EACH ROW EXECUTE FUNCTION catalog_tree_changed();
