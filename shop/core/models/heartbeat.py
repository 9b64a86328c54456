from django.db import models


class Heartbeat(models.Model):
    """When a long-running part last proved that it works; a live process may still be deaf."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%H:%M:%S}"
