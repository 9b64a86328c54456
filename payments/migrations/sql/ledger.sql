-- Checked at COMMIT, when all entries of a transaction are there.
CREATE FUNCTION payments_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_ledgertransaction' THEN
        checked := NEW.id;
        IF NOT EXISTS (SELECT FROM payments_ledgerentry WHERE transaction_id = checked) THEN
            RAISE EXCEPTION 'ledger transaction % has no entries', checked
                USING ERRCODE = 'check_violation';
        END IF;
    ELSE
        checked := NEW.transaction_id;
    END IF;
    IF EXISTS (
        SELECT FROM payments_ledgerentry WHERE transaction_id = checked
        GROUP BY currency HAVING sum(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', checked
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledgerentry_balanced AFTER INSERT ON payments_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_ledger_balanced();
CREATE CONSTRAINT TRIGGER payments_ledgertransaction_balanced AFTER INSERT ON payments_ledgertransaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_ledger_balanced();
