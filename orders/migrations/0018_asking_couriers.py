from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0017_money_given_back")]
    operations = [
        # Its default also fills the rows that are there: parcels underway are asked about at once.
        migrations.AddField(
            model_name="shipment",
            name="ask_due_at",
            field=models.DateTimeField(db_default=Now(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="shipment",
            name="asks",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="shipment",
            name="asked_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="asked at"),
        ),
        migrations.AddField(
            model_name="shipment",
            name="courier_word",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=60,
                verbose_name="the courier's word",
            ),
        ),
        migrations.AddField(
            model_name="courierarea",
            name="looked_up_at",
            field=models.DateTimeField(
                db_default=Now(), editable=False, verbose_name="looked up at"
            ),
        ),
        AddIndexConcurrently(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("status", "shipped"), ("is_assumed", True), _connector="OR"),
                fields=["ask_due_at"],
                name="shipment_ask_due",
            ),
        ),
    ]
