"""The sample boutique RONA, loaded into an empty shop so that a newcomer has something to buy.

Its data and pictures are in shop/local/demo. What exists is never touched: not a price that was
changed, not a product that was renamed, not the stock that was sold.
"""

import json
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

FILES = Path(settings.BASE_DIR) / "shop" / "local" / "demo"
LANGUAGES: tuple[Literal["id", "en"], ...] = ("id", "en")


def read(name: str) -> Any:
    return json.loads((FILES / name).read_text(encoding="utf-8"))


def read_products() -> list[Any]:
    """The products of all files in products/, one file for each category."""
    files = sorted(file.name for file in (FILES / "products").glob("*.json"))
    return [product for name in files for product in read(f"products/{name}")]
