"""Sellers: what they are owed is what the ledger says, of every sale on terms and every payout."""

from payments.books.checking import sql_check

_POSTED = """
    SELECT sum(amount_minor) FROM payments_ledgertransaction AS posting
        JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
            AND account_id = 'seller_payable'
    WHERE external_key = """

SHARES = sql_check(
    "seller-shares",
    look_at="the seller's part and its posting: both are written together, once for each paper",
    table="payments_sellershare",
    query=f"""
        WITH share AS (
            SELECT id, currency, payable_minor,
                ({_POSTED} 'seller-share:' || payments_sellershare.paper_id) AS posted
            FROM payments_sellershare WHERE id >= %(first)s AND id < %(beyond)s
        )
        SELECT 'seller share ' || id,
            format('%%s %%s are owed, posted are %%s', currency, payable_minor,
                coalesce(-posted, 0))
        FROM share WHERE payable_minor <> coalesce(-posted, 0) ORDER BY id
    """,  # noqa: S608 - a part of our own
)

PAYOUTS = sql_check(
    "seller-payouts",
    look_at="the payout and its posting: both are written together",
    table="payments_sellerpayout",
    query=f"""
        WITH payout AS (
            SELECT id, currency, amount_minor,
                ({_POSTED} 'seller-payout:' || payments_sellerpayout.id) AS posted
            FROM payments_sellerpayout WHERE id >= %(first)s AND id < %(beyond)s
        )
        SELECT 'seller payout ' || id,
            format('%%s %%s were paid out, posted are %%s', currency, amount_minor,
                coalesce(posted, 0))
        FROM payout WHERE amount_minor <> coalesce(posted, 0) ORDER BY id
    """,  # noqa: S608 - a part of our own
)

# Nothing is owed to sellers but by these two.
UNFOUNDED = sql_check(
    "seller-unfounded",
    look_at="the posting: something else has written to what sellers are owed",
    table="payments_ledgerentry",
    query="""
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of no sale and no payout'
        FROM payments_ledgerentry AS entry
            JOIN payments_ledgertransaction AS posting ON posting.id = entry.transaction_id
        WHERE entry.id >= %(first)s AND entry.id < %(beyond)s AND account_id = 'seller_payable'
            AND NOT EXISTS (
                SELECT FROM payments_sellershare WHERE external_key = 'seller-share:' || paper_id)
            AND NOT EXISTS (
                SELECT FROM payments_sellerpayout AS payout
                WHERE external_key = 'seller-payout:' || payout.id)
        ORDER BY entry.id
    """,
)

CHECKS = (SHARES, PAYOUTS, UNFOUNDED)
