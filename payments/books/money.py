"""Money: the ledger sums to zero, holds every receipt once, and a sale for what is owed."""

from payments.books.checking import sql_check

BALANCE = sql_check(
    "ledger-balance",
    look_at="the entries of the ledger transaction; a posting is mended by another, never changed",
    table="payments_ledgertransaction",
    query="""
        SELECT 'ledger transaction ' || posting.id,
            coalesce(format('sums to %%s %%s', sum(amount_minor), currency), 'has no entries')
        FROM payments_ledgertransaction AS posting
            LEFT JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s
        GROUP BY posting.id, currency
        HAVING sum(amount_minor) <> 0 OR count(entry.id) = 0
        ORDER BY posting.id
    """,
)

RECEIPTS = sql_check(
    "ledger-receipts",
    look_at="the receipt beside the gateway's own list: each is booked once, in full",
    table="payments_paymentreceipt",
    query="""
        WITH receipt AS (
            SELECT *, format('receipt:%%s:%%s:%%s', gateway, payment_id, capture_id) AS key
            FROM payments_paymentreceipt WHERE id >= %(first)s AND id < %(beyond)s
        ), booked AS (
            SELECT receipt.id, sum(entry.amount_minor) AS amount FROM receipt
                JOIN payments_ledgertransaction AS posting ON external_key = receipt.key
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    AND entry.currency = receipt.currency
                    AND account_id = 'gateway_clearing:' || receipt.gateway
            GROUP BY 1
        )
        SELECT 'receipt ' || receipt.id,
            format('%%s %%s came, the ledger has %%s', currency, amount_minor, coalesce(amount, 0))
        FROM receipt LEFT JOIN booked USING (id)
        WHERE amount_minor <> coalesce(amount, 0) ORDER BY receipt.id
    """,
)

UNFOUNDED = sql_check(
    "ledger-unfounded",
    look_at="the posting: the ledger has money of which there is no receipt",
    table="payments_ledgertransaction",
    query="""
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of no receipt'
        FROM payments_ledgertransaction AS posting
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s AND kind = 'receipt'
            AND NOT EXISTS (
                SELECT FROM payments_paymentreceipt
                WHERE format('receipt:%%s:%%s:%%s', gateway, payment_id, capture_id) = external_key)
        ORDER BY posting.id
    """,
)

SALES = sql_check(
    "ledger-sales",
    look_at="the order and its receipts: a sale is posted when it is confirmed, for its total",
    table="orders_order",
    query="""
        WITH placed AS (
            SELECT id, number, status, currency, total_minor, 'sale:' || id AS key,
                -- Paid at the door: it is sold when it leaves.
                collect_minor > 0 AND NOT EXISTS (
                    SELECT FROM orders_shipment AS parcel
                        JOIN orders_fulfilmentgroup AS own ON own.id = parcel.group_id
                    WHERE own.order_id = orders_order.id AND parcel.status <> 'packed'
                ) AS is_to_leave,
                status IN ('confirmed', 'closed') AS is_sold,
                status = 'cancelled' AND confirmed_at IS NOT NULL AS was_sold
            FROM orders_order WHERE id >= %(first)s AND id < %(beyond)s
        ), posted AS (
            SELECT placed.id, sum(entry.amount_minor) AS amount FROM placed
                JOIN payments_ledgertransaction AS posting ON external_key = placed.key
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    AND entry.currency = placed.currency
                    AND account_id IN ('customer_funds', 'cod_receivable')
            GROUP BY 1
        )
        SELECT 'order ' || number,
            format('is %%s over %%s, a sale of %%s is posted', status, total_minor,
                coalesce(amount, 0))
        FROM placed LEFT JOIN posted USING (id)
        WHERE NOT was_sold
            AND coalesce(amount, 0) <>
                CASE WHEN is_sold AND NOT is_to_leave THEN total_minor ELSE 0 END
        ORDER BY id
    """,
)

# What customers have paid and what they were sold: nobody's funds are in the red.
FUNDS = sql_check(
    "customer-funds",
    look_at="the order's postings: goods were sold for more than has been paid",
    table="orders_order",
    query="""
        SELECT 'order ' || number,
            format('%%s %%s more was sold than paid', sum(amount_minor), entry.currency)
        FROM orders_order AS placed
            JOIN payments_ledgertransaction AS posting ON posting.order_id = placed.id
            JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
        WHERE placed.id >= %(first)s AND placed.id < %(beyond)s AND account_id = 'customer_funds'
        GROUP BY placed.id, entry.currency HAVING sum(amount_minor) > 0
        ORDER BY placed.id
    """,
)

OWNED = sql_check(
    "receipts-owned",
    look_at="the receipt: its money fits no order, and no exception tells anybody",
    table="payments_paymentreceipt",
    query="""
        SELECT 'receipt ' || receipt.id, format('is %%s, without an exception', disposition)
        FROM payments_paymentreceipt AS receipt
        WHERE receipt.id >= %(first)s AND receipt.id < %(beyond)s AND disposition <> 'applied'
            -- What a gift card leaves to be paid fits its order.
            AND NOT (disposition = 'partial' AND gateway = 'credit')
            AND NOT EXISTS (
                SELECT FROM payments_paymentexception WHERE receipt_id = receipt.id)
        ORDER BY receipt.id
    """,
)

# A refund that was paid is booked as owed and as paid, one that was not as no payment.
REFUNDS = sql_check(
    "ledger-refunds",
    look_at="the refund due beside the bank's own list: each is paid once, in full",
    table="orders_refunddue",
    query="""
        WITH due AS (
            SELECT id, amount_minor, paid_at FROM orders_refunddue
            WHERE id >= %(first)s AND id < %(beyond)s
        ), posted AS (
            SELECT due.id,
                sum(entry.amount_minor) FILTER (WHERE kind = 'refund_paid') AS paid,
                sum(entry.amount_minor) AS payable
            FROM due
                CROSS JOIN LATERAL (
                    -- Those of before there were refunds are named after what was owed.
                    VALUES ('refund-due:' || due.id), ('refund-paid:' || due.id),
                        ('refund-there:' || due.id)
                    UNION ALL
                    -- What turned up in more than one part.
                    SELECT format('refund-there:%%s:%%s', due.id, part)
                    FROM generate_series(2, 99) AS part
                    WHERE EXISTS (SELECT FROM payments_ledgertransaction
                        WHERE external_key = 'refund-there:' || due.id)
                    UNION ALL
                    SELECT name || refund.id
                    FROM payments_refund AS refund
                        CROSS JOIN (VALUES ('refund-paid-out:'), ('refund-came-back:')
                    ) AS refunded (name)
                    WHERE refund.due_id = due.id
                ) AS named (key)
                JOIN payments_ledgertransaction AS posting ON external_key = key
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
            WHERE account_id = 'refunds_payable' GROUP BY 1
        )
        SELECT 'refund due ' || due.id,
            format('%%s was paid of %%s, the ledger has %%s and owes %%s',
                CASE WHEN paid_at IS NULL THEN 0 ELSE amount_minor END, amount_minor,
                coalesce(paid, 0), -coalesce(payable, 0))
        FROM due LEFT JOIN posted USING (id)
        WHERE (paid_at IS NOT NULL
                AND (coalesce(paid, 0) <> amount_minor OR coalesce(payable, 0) <> 0))
            OR (paid_at IS NULL AND (coalesce(paid, 0) >= amount_minor
                OR coalesce(payable, 0) - coalesce(paid, 0) <> -amount_minor))
        ORDER BY due.id
    """,
)

# I4: what is held back and what has gone of a receipt is what its refunds say.
REFUNDED = sql_check(
    "receipts-refunded",
    look_at="the refunds of the receipt beside the gateway's own list",
    table="payments_paymentreceipt",
    query="""
        SELECT 'receipt ' || receipt.id,
            format('%%s given back and %%s held back, its refunds say %%s and %%s',
                refunded_minor, refund_pending_minor, coalesce(gone, 0), coalesce(held, 0))
        FROM payments_paymentreceipt AS receipt LEFT JOIN LATERAL (
            SELECT sum(amount_minor) FILTER (WHERE state = 'succeeded') AS gone,
                sum(amount_minor) FILTER (
                    WHERE state NOT IN ('succeeded', 'failed', 'cancelled')) AS held
            FROM payments_refund WHERE receipt_id = receipt.id
        ) AS refund ON true
        WHERE receipt.id >= %(first)s AND receipt.id < %(beyond)s
            AND (refunded_minor, refund_pending_minor)
                IS DISTINCT FROM (coalesce(gone, 0), coalesce(held, 0))
        ORDER BY receipt.id
    """,
)

# What is owed for goods: ledger-refunds. A refund of other money owes what is under way and nothing
# once it has ended; of one that nobody here asked for up to all of it waits to be explained.
PAYABLE = sql_check(
    "refunds-payable",
    look_at="the refund's postings, and what its exception says",
    table="payments_refund",
    query="""
        WITH refund AS (
            SELECT refund.id, reference, state, amount_minor, refund.currency,
                coalesce(trouble.kind = 'foreign_refund', false) AS is_foreign
            FROM payments_refund AS refund
                LEFT JOIN payments_paymentexception AS trouble ON trouble.id = exception_id
            WHERE refund.id >= %(first)s AND refund.id < %(beyond)s AND due_id IS NULL
        ), posted AS (
            SELECT refund.id, sum(entry.amount_minor) AS payable FROM refund
                CROSS JOIN LATERAL (
                    VALUES ('refund-requested:'), ('refund-requested-again:'),
                        ('refund-taken-back:'), ('refund-paid-out:'), ('refund-came-back:')
                ) AS named (key)
                JOIN payments_ledgertransaction AS posting ON external_key = key || refund.id
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    AND entry.currency = refund.currency AND account_id = 'refunds_payable'
            GROUP BY 1
        ), compared AS (
            SELECT refund.*, coalesce(payable, 0) AS payable,
                CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN 0
                    ELSE -amount_minor END AS owed
            FROM refund LEFT JOIN posted USING (id)
        )
        SELECT 'refund ' || reference,
            format('is %%s over %%s, the ledger owes %%s of it', state, amount_minor, -payable)
        FROM compared
        WHERE payable NOT BETWEEN owed AND CASE WHEN is_foreign THEN amount_minor ELSE owed END
        ORDER BY id
    """,
)

UNFOUNDED_REFUNDS = sql_check(
    "refunds-unfounded",
    look_at="the posting: it moves what is owed to customers, and is of no refund",
    table="payments_ledgertransaction",
    query="""
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of no refund'
        FROM payments_ledgertransaction AS posting
            CROSS JOIN LATERAL split_part(external_key, ':', 1) AS kind_of
            CROSS JOIN LATERAL split_part(external_key, ':', 2) AS pk_of
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s
            AND EXISTS (
                SELECT FROM payments_ledgerentry
                WHERE transaction_id = posting.id AND account_id = 'refunds_payable')
            AND NOT CASE
                WHEN pk_of !~ '^[0-9]{1,18}$' THEN false
                WHEN kind_of IN ('refund-due', 'refund-paid', 'refund-there') THEN
                    EXISTS (SELECT FROM orders_refunddue WHERE id = pk_of::bigint)
                WHEN kind_of IN ('refund-requested', 'refund-requested-again',
                        'refund-taken-back', 'refund-paid-out', 'refund-came-back') THEN
                    EXISTS (SELECT FROM payments_refund WHERE id = pk_of::bigint)
                WHEN kind_of = 'adjustment' THEN
                    EXISTS (SELECT FROM payments_ledgeradjustment WHERE id = pk_of::bigint)
                ELSE false END
        ORDER BY posting.id
    """,
)

# I7: what nothing was sold for lies with a receipt that somebody owns, or waits for the rest.
FUNDS_OWNED = sql_check(
    "funds-owned",
    look_at="the order's resolved exceptions: open one again, and give its money back or book it",
    table="orders_order",
    query="""
        WITH loose AS (
            SELECT posting.order_id, entry.currency, -sum(entry.amount_minor) AS amount
            FROM payments_ledgerentry AS entry
                JOIN payments_ledgertransaction AS posting ON posting.id = entry.transaction_id
            WHERE posting.order_id >= %(first)s AND posting.order_id < %(beyond)s
                AND account_id = 'customer_funds'
            GROUP BY 1, 2 HAVING sum(entry.amount_minor) < 0
        )
        SELECT 'order ' || number, format('%%s %%s are loose, %%s are owned', loose.currency,
            loose.amount, coalesce(owned.amount, 0))
        FROM loose JOIN orders_order AS placed ON placed.id = loose.order_id
            LEFT JOIN LATERAL (
                SELECT sum(CASE
                    WHEN trouble.kind IN ('partial', 'surplus', 'unfulfillable', 'late')
                        THEN loose.amount
                    WHEN trouble.kind IN ('duplicate', 'wrong_currency') THEN amount_minor
                    WHEN receipt.gateway = 'credit' AND receipt.disposition = 'partial'
                        THEN amount_minor - refunded_minor - refund_pending_minor
                    ELSE 0 END) AS amount
                FROM payments_paymentreceipt AS receipt
                    LEFT JOIN payments_paymentexception AS trouble
                        ON trouble.receipt_id = receipt.id AND trouble.resolved_at IS NULL
                WHERE receipt.order_id = loose.order_id AND receipt.currency = loose.currency
            ) AS owned ON true
        WHERE loose.amount > coalesce(owned.amount, 0)
        ORDER BY placed.id
    """,
)

# The same of money that is no order's.
NOBODYS = sql_check(
    "unmatched-owned",
    look_at="the receipt's resolved exception: open it again, and give its money back or book it",
    table="payments_paymentreceipt",
    query="""
        WITH receipt AS (
            SELECT receipt.*, trouble.id AS trouble_id, trouble.resolved_at,
                (SELECT coalesce(sum(adjustment.amount_minor), 0)
                    FROM payments_ledgeradjustment AS adjustment
                    WHERE adjustment.exception_id = trouble.id AND state = 'posted'
                        AND debit_id = 'customer_funds') AS booked
            FROM payments_paymentreceipt AS receipt
                LEFT JOIN payments_paymentexception AS trouble ON trouble.receipt_id = receipt.id
            WHERE receipt.id >= %(first)s AND receipt.id < %(beyond)s AND receipt.order_id IS NULL
        )
        SELECT 'receipt ' || id, format('%%s %%s lie here and are nobody''s', currency,
            amount_minor - refunded_minor - refund_pending_minor - booked)
        FROM receipt
        WHERE (trouble_id IS NULL OR resolved_at IS NOT NULL)
            AND amount_minor > refunded_minor + refund_pending_minor + booked
        ORDER BY id
    """,
)

# What staff booked as unclaimed is what the receipts say, and the ledger.
KEPT = sql_check(
    "unclaimed-kept",
    look_at="the adjustment of the books and the receipts of its exception",
    table="payments_ledgeradjustment",
    query="""
        SELECT 'adjustment ' || adjustment.id,
            format('%%s %%s are to be kept, the ledger has %%s', adjustment.currency,
                adjustment.amount_minor, coalesce(posted.amount, 0))
        FROM payments_ledgeradjustment AS adjustment LEFT JOIN LATERAL (
            SELECT -sum(entry.amount_minor) AS amount
            FROM payments_ledgertransaction AS posting
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
            WHERE external_key = 'adjustment:' || adjustment.id
                AND entry.account_id = adjustment.credit_id
        ) AS posted ON true
        WHERE adjustment.id >= %(first)s AND adjustment.id < %(beyond)s
            AND coalesce(posted.amount, 0) <>
                CASE WHEN state = 'posted' THEN adjustment.amount_minor ELSE 0 END
        ORDER BY adjustment.id
    """,
)

CHECKS = (
    FUNDS_OWNED,
    NOBODYS,
    KEPT,
    BALANCE,
    RECEIPTS,
    UNFOUNDED,
    SALES,
    FUNDS,
    OWNED,
    REFUNDS,
    REFUNDED,
    PAYABLE,
    UNFOUNDED_REFUNDS,
)
