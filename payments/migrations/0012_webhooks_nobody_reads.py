from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_validate_collected"),
        ("payments", "0011_exceptions_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="paymentexception",
            name="exception_kind",
        ),
        migrations.AlterField(
            model_name="paymentexception",
            name="kind",
            field=models.CharField(
                choices=[
                    ("partial", "less than the total"),
                    ("surplus", "more than the total"),
                    ("duplicate", "paid twice"),
                    ("unfulfillable", "paid late, goods sold out"),
                    ("unmatched", "belongs to no order"),
                    ("wrong_currency", "another currency than the order's"),
                    ("foreign_refund", "given back without the shop"),
                    ("forged", "a webhook the gateway does not confirm"),
                    ("webhook", "a webhook that nobody could make sense of"),
                    ("phantom", "booked here, not in the gateway's list"),
                    ("amount_differs", "not what the gateway's list says"),
                    ("chargeback", "taken back by the payer's bank or the gateway"),
                    ("unexplained", "money that the gateway moved by itself"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "partial",
                            "surplus",
                            "duplicate",
                            "unfulfillable",
                            "unmatched",
                            "wrong_currency",
                            "foreign_refund",
                            "forged",
                            "webhook",
                            "phantom",
                            "amount_differs",
                            "chargeback",
                            "unexplained",
                        ],
                    )
                ),
                name="exception_kind",
            ),
        ),
    ]
