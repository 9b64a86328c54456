"""Transfers: each line of a statement that was booked is a receipt, and lies on the account."""

from payments.books.checking import sql_check

LINES = sql_check(
    "transfer-lines",
    look_at="the line on the bank's statement: its money is booked once, and on the bank account",
    table="payments_statementline",
    query="""
        WITH line AS (
            SELECT line.id, line.currency, line.amount_minor, receipt.amount_minor AS received,
                (SELECT sum(entry.amount_minor) FROM payments_ledgertransaction AS posting
                    JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                        AND account_id = 'bank:main'
                    WHERE external_key = 'settlement:bank_transfer:' || line.key) AS settled
            FROM payments_statementline AS line
                LEFT JOIN payments_paymentreceipt AS receipt ON receipt.id = receipt_id
                    AND receipt.gateway = 'bank_transfer' AND receipt.capture_id = line.key
            WHERE line.id >= %(first)s AND line.id < %(beyond)s AND line.state = 'booked'
        )
        SELECT 'statement line ' || id,
            format('%%s %%s came, received are %%s and on the account %%s', currency, amount_minor,
                coalesce(received, 0), coalesce(settled, 0))
        FROM line
        WHERE amount_minor <> coalesce(received, 0) OR amount_minor <> coalesce(settled, 0)
        ORDER BY id
    """,
)

# What made an amount unlike all others is taken as the shop's where exactly that amount came.
SUFFIXES = sql_check(
    "transfer-suffixes",
    look_at="the receipt and its posting to transfer_suffix: they name the same digits",
    table="payments_paymentreceipt",
    query="""
        SELECT 'receipt ' || receipt.id, format('%%s are its last digits, posted are %%s',
            receipt.suffix_minor, coalesce(-sum(entry.amount_minor), 0))
        FROM payments_paymentreceipt AS receipt
            LEFT JOIN payments_ledgertransaction AS posting
                ON external_key = 'suffix:' || receipt.id
            LEFT JOIN payments_ledgerentry AS entry ON entry.transaction_id = posting.id
                AND account_id = 'transfer_suffix'
        WHERE receipt.id >= %(first)s AND receipt.id < %(beyond)s
            AND receipt.gateway = 'bank_transfer'
        GROUP BY receipt.id
        HAVING receipt.suffix_minor <> coalesce(-sum(entry.amount_minor), 0)
        ORDER BY receipt.id
    """,
)

CHECKS = (LINES, SUFFIXES)
