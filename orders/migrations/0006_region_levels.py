from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_validate_amounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="ordercontact",
            name="recipient_phone",
            field=models.CharField(
                blank=True, db_default="", max_length=20, verbose_name="recipient's phone"
            ),
        ),
        migrations.AddField(
            model_name="ordercontact",
            name="region",
            field=models.CharField(
                blank=True, db_default="", max_length=13, verbose_name="region code"
            ),
        ),
        migrations.AddField(
            model_name="ordercontact",
            name="rt",
            field=models.CharField(blank=True, db_default="", max_length=3, verbose_name="RT"),
        ),
        migrations.AddField(
            model_name="ordercontact",
            name="rw",
            field=models.CharField(blank=True, db_default="", max_length=3, verbose_name="RW"),
        ),
        migrations.AddField(
            model_name="ordercontact",
            name="village",
            field=models.CharField(
                blank=True, db_default="", max_length=80, verbose_name="village"
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="is_active",
            field=models.BooleanField(db_default=True, verbose_name="in use"),
        ),
        migrations.AddField(
            model_name="region",
            name="level",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "province"),
                    (2, "city or regency"),
                    (3, "district (kecamatan)"),
                    (4, "village (kelurahan, desa)"),
                ],
                db_default=1,
                verbose_name="level",
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="search_name",
            field=models.CharField(db_default="", editable=False, max_length=80),
        ),
        migrations.AddField(
            model_name="region",
            name="search_text",
            field=models.CharField(db_default="", editable=False, max_length=330),
        ),
        migrations.AlterField(
            model_name="shippingzone",
            name="regions",
            field=models.ManyToManyField(
                blank=True,
                help_text="None: the whole country.",
                limit_choices_to={"level": 1},
                related_name="zones",
                to="orders.region",
                verbose_name="regions",
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (1, 4))), name="region_level"
            ),
        ),
    ]
