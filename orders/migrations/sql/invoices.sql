-- A number once given stays, and number n asks for number n − 1: no gap, whoever writes.
CREATE FUNCTION orders_invoice_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'invoices are never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % is sealed', OLD.reference USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.number > 1 AND NOT EXISTS (
        SELECT FROM orders_invoice
        WHERE seller_id = NEW.seller_id AND kind = NEW.kind AND year = NEW.year
            AND number = NEW.number - 1
    ) THEN
        RAISE EXCEPTION 'invoice number % would leave a gap', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_invoice_sealed BEFORE INSERT OR UPDATE OR DELETE ON orders_invoice
    FOR EACH ROW EXECUTE FUNCTION orders_invoice_sealed();
CREATE TRIGGER orders_invoice_no_truncate BEFORE TRUNCATE ON orders_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION orders_invoice_sealed();
