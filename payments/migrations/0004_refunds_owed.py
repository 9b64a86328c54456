from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

# What was owed before there were refunds is transferred by hand, as it would have been.
OWED = """
INSERT INTO payments_refund (
    public_id, order_id, due_id, channel, gateway, amount_minor, currency, reason, reference,
    refund_ref, state, failure_code, requested_by_id, requested_at, approved_at, paid_reference,
    tries)
SELECT gen_random_uuid(), due.order_id, due.id, 'bank_transfer', '', due.amount_minor,
    due.currency, 'returned',
    format('%s-R%s', placed.number, row_number() OVER (PARTITION BY due.order_id ORDER BY due.id)),
    '', 'awaiting_transfer', '', due.created_by_id, due.created_at, due.created_at, '', 0
FROM orders_refunddue AS due JOIN orders_order AS placed ON placed.id = due.order_id
WHERE due.paid_at IS NULL AND due.amount_minor > 0
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_refunds")]
    operations = [
        ValidateConstraint("paymentreceipt", "receipt_refunded_once"),
        migrations.RunSQL(OWED, migrations.RunSQL.noop),
    ]
