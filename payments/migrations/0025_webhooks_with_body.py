from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0024_webhooks_kept")]

    operations = [
        ValidateConstraint(model_name="webhookevent", name="webhook_state"),
        AddIndexConcurrently(
            model_name="webhookevent",
            index=models.Index(
                fields=["received_at"],
                condition=models.Q(redacted_at__isnull=True),
                name="webhook_with_body",
            ),
        ),
    ]
