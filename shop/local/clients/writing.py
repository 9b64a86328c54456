"""`make clients` writes what is generated of clients/; `make lint` says where it has drifted."""

import os
from pathlib import Path

import django

from shop.local.clients import in_python, in_typescript
from shop.local.places import ROOT

WRITERS = {
    ROOT / "clients" / "python" / "etalase_api" / "generated": in_python.files,
    ROOT / "clients" / "typescript" / "generated": in_typescript.files,
}


def write() -> int:
    for path, text in _wanted().items():
        path.write_text(text)
        print(f"  {path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    return 0


def drifted() -> str:
    """A line for each file that is not what the API's document makes of it."""
    return "\n".join(
        f"{path.relative_to(ROOT)} is not what the API says: `make clients`"
        for path, text in _wanted().items()
        if not path.exists() or path.read_text() != text
    )


def _wanted() -> dict[Path, str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    # Needs the settings of a running shop, which only these two commands of shop.local have.
    from shop.api.document import document  # noqa: PLC0415

    return {
        folder / name: text
        for folder, files in WRITERS.items()
        for name, text in files(document()).items()
    }
