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
