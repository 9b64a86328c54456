from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_disputes")]
    operations = [ValidateConstraint("exceptionstep", "exception_step_kind")]
