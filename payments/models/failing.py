from django.db import models
from django.db.models.functions import Now


class FailingWork(models.Model):
    """A piece of the money loop's work that raised, until it has gone well again."""

    name = models.CharField(max_length=30)
    # What it is about: the key of a row, which the name's kind of work knows.
    subject_id = models.BigIntegerField()
    failures = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    # The error's name and place; its words may hold what is nobody's to read.
    error = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "subject_id"], name="failing_work_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_id}"
