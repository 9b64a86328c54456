"""What whoever imports a file decides, as it is kept with the run."""

import json
from dataclasses import asdict, dataclass, fields
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from catalog.importing.formats.base import Reading
from catalog.importing.shop import Choices

SET, KEEP, NONE = "set", "keep", "none"
SKIP, REFUSE = "skip", "refuse"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Blank: found out from the file, or the only one that the shop has.

    `stock`: `keep` leaves alone what existing variants have, `none` gives new ones nothing either.
    `on_problem`: `skip` leaves a product
    out when anything is wrong with it, `refuse` the whole file.
    """

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    language: str = settings.LANGUAGE_CODE
    currency: str = settings.DEFAULT_CURRENCY
    seller: str = ""
    location: str = ""
    category: str = ""
    create_categories: bool = False
    stock: str = SET
    on_problem: str = SKIP

    def choices(self) -> Choices:
        return Choices(
            seller=self.seller,
            location=self.location,
            category=self.category,
            create_categories=self.create_categories,
            set_stock=self.stock == SET,
            open_stock=self.stock != NONE,
        )

    def reading(self) -> Reading:
        return Reading(language=self.language, currency=self.currency)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def fingerprint(digest: str, options: ImportOptions, *, is_dry_run: bool) -> str:
    """The same file with the same options: the same work."""
    text = json.dumps([digest, options.stored(), is_dry_run], sort_keys=True)
    return sha256(text.encode()).hexdigest()
