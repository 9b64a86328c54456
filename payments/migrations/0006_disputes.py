"""Disputes of what was taken back, and the steps in which staff decide them."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

STATES = {
    "open": "not answered",
    "contested": "contested",
    "won": "won",
    "lost": "dispute lost",
    "accepted": "accepted",
}
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
    "contested": "contested",
    "won": "said to be won",
    "lost": "dispute lost",
    "accepted": "accepted",
    "noted": "noted",
    "closed": "closed",
    "reopened": "opened again",
}


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_posting_kinds")]
    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=list(STATES.items()),
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("answer_by", models.DateField(null=True, verbose_name="to be answered by")),
                ("returned_at", models.DateTimeField(null=True, verbose_name="money came back")),
                (
                    "exception",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute",
                        to="payments.paymentexception",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=list(STATES)), name="dispute_state"
                    ),
                    models.CheckConstraint(
                        condition=Q(returned_at=None) | Q(state="won"), name="dispute_returned"
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="contested") | Q(answer_by__isnull=False),
                        name="dispute_deadline",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["answer_by"],
                        condition=Q(state="contested"),
                        name="dispute_contested",
                    )
                ],
            },
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
