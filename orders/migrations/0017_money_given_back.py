import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

# Nothing to pay is owed to nobody.
SETTLE_NOTHING = """
UPDATE orders_refunddue SET paid_at = created_at WHERE amount_minor = 0 AND paid_at IS NULL;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("orders", "0016_unpaid_of_cart"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunSQL(SETTLE_NOTHING, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="refunddue",
            name="paid_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="paid_on",
            field=models.DateField(null=True, verbose_name="paid on"),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="paid_reference",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=60,
                verbose_name="reference of the transfer",
            ),
        ),
        migrations.AddField(
            model_name="refunddue",
            name="reason",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=500,
                verbose_name="why not all of it",
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="is_assumed",
            field=models.BooleanField(db_default=False, default=False, verbose_name="assumed"),
        ),
        migrations.RemoveConstraint(model_name="refunddue", name="refund_due_has_one_reason"),
        AddConstraintNotValid(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(("goods_return", None), ("shipment", None), _connector="OR"),
                name="refund_due_for_one_thing",
            ),
        ),
        AddConstraintNotValid(
            model_name="refunddue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_at", None),
                    ("amount_minor", 0),
                    ("paid_on__isnull", False),
                    _connector="OR",
                ),
                name="refund_due_paid_on",
            ),
        ),
        ValidateConstraint("refunddue", "refund_due_for_one_thing"),
        ValidateConstraint("refunddue", "refund_due_paid_on"),
        # As `AddConstraint` would, without keeping anybody waiting.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """CREATE UNIQUE INDEX CONCURRENTLY refund_due_called_off_once
                    ON orders_refunddue (order_id)
                    WHERE goods_return_id IS NULL AND shipment_id IS NULL""",
                    "DROP INDEX refund_due_called_off_once",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="refunddue",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("goods_return", None), ("shipment", None)),
                        fields=("order",),
                        name="refund_due_called_off_once",
                    ),
                ),
            ],
        ),
    ]
