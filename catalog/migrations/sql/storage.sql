-- Counting reads many of these rows: beside the others of its chunk, not in a table of their own, and
-- as they are: unpacking took longer than counting.
ALTER TABLE catalog_facetbits ALTER COLUMN bits SET STORAGE PLAIN;

-- What is filtered, searched and sorted by lies together; a card is fetched for those shown.
ALTER TABLE catalog_listing ALTER COLUMN tokens SET STORAGE MAIN;
ALTER TABLE catalog_listing ALTER COLUMN words SET STORAGE MAIN;
ALTER TABLE catalog_listing SET (toast_tuple_target = 512);
