from django.db import models


class ThrottleCount(models.Model):
    """How often one network or account has done something in the stretch that `ends_at` ends."""

    # What, how long a stretch is, and a hash of who.
    key = models.CharField(max_length=100, primary_key=True)
    times = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.times}"
