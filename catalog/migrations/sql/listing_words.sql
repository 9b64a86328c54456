-- The words of some products, of all languages in one vector: in Indonesia people search for
-- `dress` and `kemeja` alike. As written: A names, B category, colours, attributes. Stemmed (the
-- Indonesian stemmer makes `meja` of `kemeja`): C the same, D all else.
-- In an order that does not hang on how the query is carried out: words that only stand in another
-- order are no change of a listing.
CREATE OR REPLACE FUNCTION catalog_listing_words(wanted bigint[])
RETURNS TABLE (product_id bigint, words tsvector) LANGUAGE sql VOLATILE AS $$
    WITH RECURSIVE above AS (
        SELECT p.id AS product_id, c.id, c.parent_id
        FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
        WHERE p.id = ANY(wanted)
        UNION ALL
        SELECT above.product_id, c.id, c.parent_id
        FROM above JOIN catalog_category c ON c.id = above.parent_id
    ), given AS MATERIALIZED (
        -- First and apart: where the statistics are of tables that were empty (an import rolled
        -- back), the planner joined every colour to every variant of the shop, for each product.
        SELECT DISTINCT v.product_id, x.value_id
        FROM catalog_variant v JOIN catalog_variantvalue x ON x.variant_id = v.id
        WHERE v.product_id = ANY(wanted) AND v.is_active
    ), text AS (
        SELECT t.product_id, t.language, 'A'::"char" AS weight, t.name AS body
        FROM catalog_producttranslation t WHERE t.product_id = ANY(wanted)
        UNION ALL
        SELECT above.product_id, t.language, 'B', t.name
        FROM above JOIN catalog_categorytranslation t ON t.category_id = above.id
        UNION ALL
        SELECT DISTINCT g.product_id, t.language, 'B'::"char", t.name
        FROM given g
        JOIN catalog_optionvalue o ON o.id = g.value_id AND o.swatch <> ''
        JOIN catalog_optionvaluetranslation t ON t.value_id = o.id
        UNION ALL
        SELECT a.product_id, t.language, 'B', t.name
        FROM catalog_productattribute a JOIN catalog_attributevaluetranslation t ON t.value_id = a.value_id
        WHERE a.product_id = ANY(wanted)
        UNION ALL
        SELECT t.product_id, t.language, 'D', left(t.material || ' ' || t.fit || ' ' || t.description, 2000)
        FROM catalog_producttranslation t WHERE t.product_id = ANY(wanted)
    ), whole AS (
        SELECT product_id, language, weight, unaccent(string_agg(body, ' . ' ORDER BY body)) AS body
        FROM text GROUP BY product_id, language, weight
    ), vector AS (
        SELECT w.product_id, w.language, w.weight, true AS is_written,
            setweight(to_tsvector('simple', w.body), w.weight) AS words
        FROM whole w WHERE w.weight <> 'D'
        UNION ALL
        SELECT w.product_id, w.language, w.weight, false, setweight(
            to_tsvector(coalesce(l.config, 'simple'::regconfig), w.body),
            CASE w.weight WHEN 'D' THEN 'D'::"char" ELSE 'C' END
        )
        FROM whole w LEFT JOIN catalog_searchlanguage l ON l.code = w.language
    )
    SELECT product_id, catalog_join_vectors(words ORDER BY language, weight, is_written)
    FROM vector GROUP BY product_id
$$;
