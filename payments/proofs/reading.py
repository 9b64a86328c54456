"""What an upload is, told by its content; nothing is decoded."""

import hashlib
from dataclasses import dataclass

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from catalog.imaging import PictureRefused
from catalog.imaging.reading import read_head
from payments.models import LARGEST_PROOF, ProofKind
from shop.core.errors import DomainError

# A viewer finds the end of a PDF in its last part; what has none was not sent completely.
PDF_TAIL = 2048


class ProofTooHeavy(DomainError):
    code = "proof_too_heavy"
    status = 413
    message = _("The file is larger than {megabytes} MB. Save it smaller and try again.")

    def __init__(self) -> None:
        super().__init__(megabytes=LARGEST_PROOF >> 20)


class ProofUnknown(DomainError):
    code = "proof_unknown"
    status = 422
    message = _("The file is none that we can keep. PDF, JPEG, PNG and WebP are possible.")


@dataclass(frozen=True, slots=True)
class Upload:
    data: bytes
    kind: ProofKind

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def read_proof(file: "File[bytes]") -> Upload:
    """Raises ProofTooHeavy, ProofUnknown. Of too much not one byte more is read."""
    if file.size > LARGEST_PROOF:
        raise ProofTooHeavy
    file.seek(0)
    data = file.read(LARGEST_PROOF + 1)
    if len(data) > LARGEST_PROOF:
        raise ProofTooHeavy
    return Upload(data, _kind(data))


def _kind(data: bytes) -> ProofKind:
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-PDF_TAIL:]:
        return ProofKind.PDF
    try:
        return ProofKind(read_head(data).suffix)
    except (PictureRefused, ValueError) as error:
        # A picture within no limits, no picture, or one of a kind that few programs show.
        raise ProofUnknown from error
