"""Compile the translation catalogues without GNU gettext, which a bare machine lacks."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shop.local.places import ROOT


def compile_all() -> str:
    """Compile each .po that is newer than its .mo; return what was done, for people."""
    compiled = [
        po.parts[-3] for po in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")) if _compile(po)
    ]
    return f"compiled {', '.join(compiled)}" if compiled else "up to date"


def _compile(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
        return False
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parts[-3], abort_invalid=True)
    fresh = mo.with_suffix(".mo.new")
    with fresh.open("wb") as target:
        write_mo(target, catalogue)
    fresh.replace(mo)
    return True
