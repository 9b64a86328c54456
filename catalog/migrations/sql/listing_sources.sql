-- What listings and pages are made of tells when it changes. The triggers that are alike for many
-- tables are in 0002_rules.py.

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
CREATE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION catalog_variant_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
        PERFORM catalog_note_pages(changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_stockitem_insert_listing AFTER INSERT ON catalog_stockitem
    FOR EACH ROW EXECUTE FUNCTION catalog_stock_changed();
CREATE TRIGGER catalog_stockitem_delete_listing AFTER DELETE ON catalog_stockitem
    FOR EACH ROW EXECUTE FUNCTION catalog_stock_changed();
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
CREATE TRIGGER catalog_location_tree AFTER UPDATE ON catalog_location
    FOR EACH ROW WHEN (NEW.city <> OLD.city) EXECUTE FUNCTION catalog_tree_changed();

CREATE FUNCTION catalog_seller_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_mark_stale((SELECT array_agg(id) FROM catalog_product WHERE seller_id = NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_seller_listing AFTER UPDATE ON catalog_seller
    FOR EACH ROW WHEN (NEW.is_active <> OLD.is_active) EXECUTE FUNCTION catalog_seller_changed();

CREATE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER catalog_category_listing AFTER UPDATE ON catalog_category
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION catalog_category_changed();
-- Names that are deleted are no longer on cards and in words.
CREATE TRIGGER catalog_categorytranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_categorytranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_category_changed();

CREATE FUNCTION catalog_option_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER catalog_optionvalue_listing AFTER UPDATE ON catalog_optionvalue
    FOR EACH ROW WHEN (NEW.swatch <> OLD.swatch OR NEW.position <> OLD.position)
    EXECUTE FUNCTION catalog_option_value_changed();
CREATE TRIGGER catalog_optionvaluetranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_optionvaluetranslation
    FOR EACH ROW EXECUTE FUNCTION catalog_option_value_changed();

CREATE FUNCTION catalog_attribute_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed CONSTANT bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.value_id ELSE NEW.value_id END;
BEGIN
    PERFORM catalog_mark_stale((
        SELECT array_agg(DISTINCT product_id) FROM catalog_productattribute WHERE value_id = changed
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_attributevaluetranslation_listing
    AFTER INSERT OR UPDATE OR DELETE ON catalog_attributevaluetranslation
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
