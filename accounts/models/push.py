from django.db import models
from django.db.models.functions import Now

from accounts.models.device import Device


class PushTarget(models.Model):
    """Where Amazon SNS takes the messages for one app. The app's own token is there and not here.

    Outlives its device until SNS has forgotten it too.
    """

    device = models.OneToOneField(Device, on_delete=models.SET_NULL, null=True, related_name="+")
    endpoint = models.CharField(max_length=300, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.endpoint
