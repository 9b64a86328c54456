"""Cash on delivery: what couriers owe us is what they have to collect, and is handed over once."""

from payments.books.checking import sql_check

RECEIVABLE = sql_check(
    "cod-receivable",
    look_at="the order's parcels and the courier's files: what has left and is not paid is owed",
    table="orders_order",
    query="""
        WITH owed AS (
            SELECT placed.id, placed.number, placed.collect_minor,
                EXISTS (SELECT FROM payments_ledgertransaction
                    WHERE external_key = 'sale:' || placed.id) AS is_sold,
                (SELECT coalesce(sum(entry.amount_minor), 0)
                    FROM payments_ledgertransaction AS posting
                        JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    WHERE posting.order_id = placed.id AND account_id = 'cod_receivable') AS amount
            FROM orders_order AS placed
            WHERE placed.id >= %(first)s AND placed.id < %(beyond)s
                AND placed.confirmed_at IS NOT NULL
        )
        SELECT 'order ' || number,
            format('%%s are to be collected, the ledger has %%s', collect_minor, amount)
        FROM owed WHERE amount <> CASE WHEN is_sold THEN collect_minor ELSE 0 END
        ORDER BY id
    """,
)

LINES = sql_check(
    "settlement-lines",
    look_at="the courier's file: what it handed over is booked once, less its fee",
    table="payments_settlementline",
    query="""
        WITH line AS (
            SELECT line.*, coalesce(receipt.amount_minor, 0) AS received,
                (SELECT coalesce(sum(entry.amount_minor), 0)
                    FROM payments_ledgertransaction AS posting
                        JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                    WHERE external_key = format('settlement:cod:%%s:%%s', courier, waybill)
                        AND account_id = 'bank:main') AS paid
            FROM payments_settlementline AS line
                LEFT JOIN payments_paymentreceipt AS receipt ON receipt.id = receipt_id
            WHERE line.id >= %(first)s AND line.id < %(beyond)s AND line.state = 'booked'
        )
        SELECT 'settlement line ' || id,
            format('%%s less %%s was handed over, received are %%s and on the account %%s',
                collected_minor, fee_minor, received, paid)
        FROM line WHERE collected_minor <> received OR collected_minor - fee_minor <> paid
        ORDER BY id
    """,
)

CHECKS = (RECEIVABLE, LINES)
