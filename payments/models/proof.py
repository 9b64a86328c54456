import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.attempt import PaymentAttempt
from payments.models.refund import Refund
from shop.core.fields import in_choices

LARGEST_PROOF = 5 * 1024 * 1024


class ProofKind(models.TextChoices):
    """By its content, never by its name; the value is the suffix of its file."""

    PDF = "pdf", "PDF"
    JPEG = "jpg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"


class PaymentProof(models.Model):
    """A file that shows a transfer. Nothing follows from it: money is what the bank has booked.

    Of a refund, uploaded by staff, and kept as long as the books; or of an awaited transfer,
    uploaded by its customer, and forgotten some time after (payments.proofs.keeping).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="+", null=True)
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="+", null=True
    )
    # Where it lies: never under what pictures are served from, and never with the name it had.
    name = models.CharField(max_length=100, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=ProofKind.choices)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64, editable=False)
    uploaded_at = models.DateTimeField(_("uploaded"), db_default=Now())
    # None: its customer.
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("uploaded by"),
    )

    class Meta:
        verbose_name = _("proof of a transfer")
        verbose_name_plural = _("proofs of transfers")
        constraints = [
            models.CheckConstraint(
                condition=Q(refund=None, attempt__isnull=False, uploaded_by=None)
                | Q(refund__isnull=False, attempt=None, uploaded_by__isnull=False),
                name="proof_of_one_thing",
            ),
            models.CheckConstraint(condition=in_choices("kind", ProofKind), name="proof_kind"),
            models.CheckConstraint(
                condition=Q(size__gt=0, size__lte=LARGEST_PROOF), name="proof_size"
            ),
            # A double click is one file.
            models.UniqueConstraint(fields=["refund", "sha256"], name="proof_of_refund_once"),
            models.UniqueConstraint(fields=["attempt", "sha256"], name="proof_of_attempt_once"),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(attempt__isnull=False),
                name="proof_to_be_forgotten",
            )
        ]

    def __str__(self) -> str:
        return f"{self.refund or self.attempt} {self.get_kind_display()}"

    @property
    def download_name(self) -> str:
        """Ours: what its owner called it may say more than it should."""
        about = self.refund.reference if self.refund else ""
        about = about or (self.attempt.reference if self.attempt else "")
        return f"{about}-{self.public_id.hex[:8]}.{self.kind}"
