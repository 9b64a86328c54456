from django.db import migrations

from shop.core.triggers import append_only

CHART = {
    "gateway_clearing:xendit": "asset",
    "gateway_clearing:midtrans": "asset",
    "gateway_clearing:manual": "asset",
    "bank:main": "asset",
    "cod_receivable": "asset",
    "ppn_in": "asset",
    "customer_funds": "liability",
    "refunds_payable": "liability",
    "seller_payable": "liability",
    "ppn_out": "liability",
    "sales": "income",
    "shipping_income": "income",
    "commission": "income",
    "gateway_fee": "expense",
    "chargeback_loss": "expense",
    "rounding": "expense",
}

# Checked at COMMIT, when all entries of a transaction are there.
BALANCED = """
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
"""
NOT_BALANCED = """
DROP TRIGGER payments_ledgerentry_balanced ON payments_ledgerentry;
DROP TRIGGER payments_ledgertransaction_balanced ON payments_ledgertransaction;
DROP FUNCTION payments_ledger_balanced();
"""


def open_accounts(apps, schema_editor):
    account = apps.get_model("payments", "LedgerAccount")
    account.objects.bulk_create(account(code=code, kind=kind) for code, kind in CHART.items())


def close_accounts(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code__in=CHART).delete()


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        append_only("payments_ledgertransaction"),
        append_only("payments_ledgerentry"),
        migrations.RunSQL(BALANCED, NOT_BALANCED),
        migrations.RunPython(open_accounts, close_accounts),
    ]
