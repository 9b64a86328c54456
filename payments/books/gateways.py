"""Gateways: what their lists say of our money is what the ledger says lies with them (I2, I3)."""

from payments.books.checking import sql_check

# Movements that somebody has been told of as differing are his to explain; those still to be
# matched are none yet.
LISTED = sql_check(
    "gateway-ledger",
    look_at="the gateway transaction beside the postings of its receipt or refund, and its own",
    table="payments_gatewaytransaction",
    query="""
        WITH listed AS (
            SELECT *, CASE WHEN is_incoming THEN 1 ELSE -1 END AS sign,
                state = 'succeeded' AND (NOT is_incoming OR settlement = 'settled') AS is_fee_kept
            FROM payments_gatewaytransaction AS listed
            WHERE id >= %(first)s AND id < %(beyond)s AND next_match_at IS NULL
                AND NOT EXISTS (
                    SELECT FROM payments_paymentexception
                    WHERE transaction_id = listed.id AND kind IN ('unmatched', 'amount_differs'))
        ), booked AS (
            SELECT listed.id, sum(entry.amount_minor) AS amount FROM listed
                CROSS JOIN LATERAL (
                    SELECT format('gateway:%%s:%%s:%%s', gateway, transaction_id, number)
                    FROM generate_series(1, postings) AS number
                    UNION ALL
                    SELECT format('receipt:%%s:%%s:%%s', gateway, payment_id, capture_id)
                    FROM payments_paymentreceipt AS receipt
                    WHERE listed.kind = 'payment'
                        AND (receipt.gateway, payment_id) = (listed.gateway, product_id)
                    UNION ALL
                    SELECT name || refund_id
                    FROM (VALUES ('refund-paid-out:'), ('refund-came-back:')) AS refunded (name)
                    WHERE refund_id IS NOT NULL
                ) AS named (key)
                JOIN payments_ledgertransaction AS posting ON external_key = key
                JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    AND entry.currency = listed.currency
                    AND account_id = 'gateway_clearing:' || listed.gateway
            GROUP BY 1
        ), compared AS (
            SELECT listed.*, coalesce(booked.amount, 0) AS booked,
                CASE WHEN state = 'succeeded' THEN sign * amount_minor ELSE 0 END
                    - CASE WHEN is_fee_kept THEN fee_minor + fee_tax_minor ELSE 0 END AS moved
            FROM listed LEFT JOIN booked USING (id)
        )
        SELECT 'gateway transaction ' || transaction_id,
            format('moved %%s %%s at %%s, the ledger has %%s', currency, moved, gateway, booked)
        FROM compared WHERE moved <> booked ORDER BY id
    """,
)

UNFOUNDED = sql_check(
    "gateway-unfounded",
    look_at="the posting: nothing that the gateway lists, no receipt and no refund explains it",
    table="payments_ledgertransaction",
    query="""
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of nothing listed'
        FROM payments_ledgertransaction AS posting
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s
            AND starts_with(external_key, 'gateway:')
            AND NOT EXISTS (
                SELECT FROM payments_gatewaytransaction
                WHERE gateway = split_part(external_key, ':', 2)
                    AND transaction_id = split_part(external_key, ':', 3)
                    AND split_part(external_key, ':', 4)::int <= postings)
        UNION ALL
        SELECT 'ledger transaction ' || posting.id, external_key || ' is of nothing at a gateway'
        FROM payments_ledgertransaction AS posting
            JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
            JOIN payments_statementreading AS reading ON reading.name = 'nightly'
                AND account_id = 'gateway_clearing:' || gateway
        WHERE posting.id >= %(first)s AND posting.id < %(beyond)s
            AND split_part(external_key, ':', 1) NOT IN (
                'gateway', 'receipt', 'refund-paid-out', 'refund-came-back', 'adjustment',
                'never-came', 'refund-there')
        ORDER BY 1
    """,
)

CHECKS = (LISTED, UNFOUNDED)
