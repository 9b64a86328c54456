"""Gift cards and store credit: balance, movements, ledger and receipts say the same."""

from payments.books.checking import sql_check

BALANCES = sql_check(
    "credit-balances",
    look_at="the account's movements: they alone say what is on it",
    table="payments_creditaccount",
    query="""
        SELECT 'credit account ' || account.id,
            format('%%s %%s on it, its movements say %%s', currency, balance_minor,
                coalesce(sum(amount_minor), 0))
        FROM payments_creditaccount AS account
            LEFT JOIN payments_creditmovement AS movement ON account_id = account.id
        WHERE account.id >= %(first)s AND account.id < %(beyond)s
        GROUP BY account.id HAVING balance_minor <> coalesce(sum(amount_minor), 0)
        ORDER BY account.id
    """,
)

POSTINGS = sql_check(
    "credit-postings",
    look_at="the movement's posting: what is owed changes with every movement, by as much",
    table="payments_creditmovement",
    query="""
        SELECT 'credit movement ' || movement.id,
            format('%%s %%s moved, the ledger has %%s', account.currency, movement.amount_minor,
                coalesce(-entry.amount_minor, 0))
        FROM payments_creditmovement AS movement
            JOIN payments_creditaccount AS account ON account.id = movement.account_id
            LEFT JOIN payments_ledgertransaction AS posting
                ON external_key = 'credit:' || movement.public_id
            LEFT JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                AND entry.currency = account.currency
                AND entry.account_id = CASE account.kind
                    WHEN 'store_credit' THEN 'store_credit' ELSE 'gift_cards' END
        WHERE movement.id >= %(first)s AND movement.id < %(beyond)s
            AND movement.amount_minor <> coalesce(-entry.amount_minor, 0)
        ORDER BY movement.id
    """,
)

# Every posting of these liabilities is a movement's: nobody writes there by hand.
UNFOUNDED = sql_check(
    "credit-unfounded",
    look_at="the posting: it changes what is owed as credit, and no movement does",
    table="payments_ledgertransaction",
    query="""
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of no credit movement'
        FROM payments_ledgertransaction AS posting
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s AND EXISTS (
            SELECT FROM payments_ledgerentry AS entry WHERE entry.transaction_id = posting.id
                AND account_id IN ('gift_cards', 'store_credit'))
            AND NOT EXISTS (SELECT FROM payments_creditmovement
                WHERE 'credit:' || public_id = external_key)
        ORDER BY posting.id
    """,
)

RECEIPTS = sql_check(
    "credit-receipts",
    look_at="the movement beside the order's receipts: what was taken pays the order, once",
    table="payments_creditmovement",
    query="""
        SELECT 'credit movement ' || movement.id,
            format('%%s taken, %%s received', -movement.amount_minor,
                coalesce(receipt.amount_minor, 0))
        FROM payments_creditmovement AS movement
            LEFT JOIN payments_paymentreceipt AS receipt ON receipt.gateway = 'credit'
                AND payment_id = movement.public_id::text
                AND receipt.order_id = movement.order_id
        WHERE movement.id >= %(first)s AND movement.id < %(beyond)s AND kind = 'redeem'
            AND movement.amount_minor + coalesce(receipt.amount_minor, 0) <> 0
        ORDER BY movement.id
    """,
)

RETURNED = sql_check(
    "credit-returned",
    look_at="the order ended unpaid: what it took from a card has to be back there",
    table="orders_order",
    query="""
        SELECT 'order ' || number,
            format('is %%s, and keeps %%s of a card', status,
                sum(amount_minor - refunded_minor))
        FROM orders_order AS placed
            JOIN payments_paymentreceipt AS receipt
                ON receipt.order_id = placed.id AND gateway = 'credit'
        WHERE placed.id >= %(first)s AND placed.id < %(beyond)s
            AND status IN ('expired', 'cancelled') AND confirmed_at IS NULL
        GROUP BY placed.id HAVING sum(amount_minor - refunded_minor) <> 0
        ORDER BY placed.id
    """,
)

CHECKS = (BALANCES, POSTINGS, UNFOUNDED, RECEIPTS, RETURNED)
