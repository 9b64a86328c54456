"""Papers: what invoices charge and credit notes give back, and that no number is missing."""

from payments.books.checking import sql_check

INVOICES = sql_check(
    "invoices",
    look_at="the order's invoices, one of each seller; `order_not_invoiced` in the log",
    table="orders_order",
    query="""
        WITH papers AS (
            SELECT order_id, sum(total_minor) AS total, sum(tax_minor) AS tax FROM orders_invoice
            WHERE order_id >= %(first)s AND order_id < %(beyond)s AND kind = 'invoice' GROUP BY 1
        )
        SELECT 'order ' || sold.number, CASE WHEN invoiced_at IS NULL
            THEN 'was paid days ago and has no invoice'
            ELSE format('total and tax are %%s and %%s, those of its invoices %%s and %%s',
                total_minor, tax_minor, coalesce(total, 0), coalesce(tax, 0)) END
        FROM orders_order AS sold LEFT JOIN papers ON order_id = sold.id
        WHERE sold.id >= %(first)s AND sold.id < %(beyond)s AND (
            invoiced_at IS NULL AND confirmed_at < now() - interval '3 days'
            OR invoiced_at IS NOT NULL
                AND (total_minor, tax_minor) IS DISTINCT FROM (papers.total, papers.tax))
        ORDER BY sold.id
    """,
)

NUMBERS = sql_check(
    "invoice-numbers",
    look_at="the papers of that seller and year; a number that was lost has to be explained to"
    " the tax office",
    table="orders_invoice",
    query="""
        SELECT kind || ' ' || reference, format('there is no number %%s before it', number - 1)
        FROM orders_invoice AS paper
        WHERE id >= %(first)s AND id < %(beyond)s AND number > 1 AND NOT EXISTS (
            SELECT FROM orders_invoice AS before
            WHERE (before.seller_id, before.kind, before.year, before.number)
                = (paper.seller_id, paper.kind, paper.year, paper.number - 1))
        ORDER BY id
    """,
)

CREDITS = sql_check(
    "credit-notes",
    look_at="the lines of the credit note, and the invoice that it refers to",
    table="orders_invoice",
    query="""
        WITH paper AS (
            SELECT * FROM orders_invoice WHERE id >= %(first)s AND id < %(beyond)s
        ), said AS (
            SELECT invoice_id, sum(amount_minor) AS total, sum(tax_minor) AS tax
            FROM orders_creditline WHERE invoice_id >= %(first)s AND invoice_id < %(beyond)s
            GROUP BY 1
        )
        SELECT 'credit note ' || coalesce(nullif(reference, ''), id::text),
            format('total and tax are %%s and %%s, its lines sum to %%s and %%s',
                total_minor, tax_minor, coalesce(total, 0), coalesce(tax, 0))
        FROM paper LEFT JOIN said ON invoice_id = id
        WHERE kind = 'credit_note'
            AND (total_minor, tax_minor) IS DISTINCT FROM (said.total, said.tax)
        UNION ALL
        SELECT 'invoice ' || paper.reference,
            format('is of %%s, %%s are credited', paper.total_minor, sum(credit.total_minor))
        FROM paper JOIN orders_invoice AS credit ON credit.kind = 'credit_note'
            AND (credit.order_id, credit.seller_id) = (paper.order_id, paper.seller_id)
        WHERE paper.kind = 'invoice'
        GROUP BY paper.id, paper.reference, paper.total_minor
        HAVING sum(credit.total_minor) > paper.total_minor
    """,
)

CHECKS = (INVOICES, NUMBERS, CREDITS)
