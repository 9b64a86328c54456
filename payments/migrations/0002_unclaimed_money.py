"""Money that nobody claims: an account for it, and what of a receipt it is."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

UNCLAIMED = "unclaimed_money"
STEPS = {
    "taken": "taken on",
    "handed_over": "handed over",
    "let_go": "let go: nobody owns it",
    "given_back": "money to be given back",
    "as_credit": "money kept as store credit",
    "asked": "customer asked for the rest",
    "waived": "the rest was waived",
    "fulfilled": "order confirmed after all",
    "assigned": "assigned to an order",
    "found": "found at the gateway",
    "explained": "explained",
    "kept": "money to be booked as unclaimed",
    "noted": "noted",
    "closed": "closed",
    "reopened": "opened again",
}
GONE = (
    F("suffix_minor")
    + F("refunded_minor")
    + F("refund_pending_minor")
    + F("taken_back_minor")
    + F("kept_minor")
)


def open_account(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.create(code=UNCLAIMED, kind="income")


def close_account(apps, schema_editor):
    apps.get_model("payments", "LedgerAccount").objects.filter(code=UNCLAIMED).delete()


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_schema")]
    operations = [
        migrations.RunPython(open_account, close_account),
        migrations.AddField(
            model_name="paymentreceipt",
            name="kept_minor",
            field=models.BigIntegerField(db_default=0, default=0, verbose_name="kept as unclaimed"),
        ),
        migrations.RemoveConstraint("paymentreceipt", "receipt_given_back_once"),
        AddConstraintNotValid(
            model_name="paymentreceipt",
            constraint=models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    refund_pending_minor__gte=0,
                    taken_back_minor__gte=0,
                    kept_minor__gte=0,
                )
                & Q(amount_minor__gte=GONE),
                name="receipt_given_back_once",
            ),
        ),
        migrations.AlterField(
            model_name="exceptionstep",
            name="kind",
            field=models.CharField(choices=list(STEPS.items()), max_length=15, verbose_name="step"),
        ),
        migrations.RemoveConstraint("exceptionstep", "exception_step_kind"),
        AddConstraintNotValid(
            model_name="exceptionstep",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=list(STEPS)), name="exception_step_kind"
            ),
        ),
    ]
