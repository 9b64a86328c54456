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
