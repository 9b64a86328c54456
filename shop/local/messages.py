"""Which texts the code says, and whether each has its translation.

The source language is English, so every catalogue but `en` has to be complete. GNU gettext is not
needed: Django's own templatize turns a template into calls that Babel's extractor understands.
"""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from shop.local.places import ROOT

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Languages whose every text is translated; English is what the source says.
_INTO = ("id",)
_NEW_CATALOGUE = b"""\
msgid ""
msgstr ""
"Project-Id-Version: Etalase\\n"
"Report-Msgid-Bugs-To: \\n"
"Last-Translator: \\n"
"Language-Team: \\n"
"Language: id\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w*\}")
_SOURCES = ("shop", "accounts", "catalog", "orders", "payments")


def collect() -> Catalog:
    """Every text that Python code and templates mark for translation."""
    found = Catalog()
    for path in _files():
        name = str(path.relative_to(ROOT))
        for line, text, comments, context in _extract(path):
            found.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return found


def _files() -> Iterator[Path]:
    for name in _SOURCES:
        for path in sorted((ROOT / name).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def _extract(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    source = path.read_text()
    if path.suffix != ".py":
        # What is no text became a run of letters; without indentation it reads as Python.
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)
    yield from extract("python", BytesIO(source.encode()), _KEYWORDS, ["Translators:"])


def check() -> list[str]:
    """One sentence per text whose translation is missing, doubtful or no longer used."""
    wanted = collect()
    return [problem for language in _INTO for problem in _problems(language, wanted)]


def _path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _problems(language: str, wanted: Catalog) -> Iterator[str]:
    catalogue = _read(language)
    for message in wanted:
        if not message.id:
            continue
        translated = catalogue.get(_singular(message), message.context)
        problem = "missing" if translated is None else _doubt(message, translated)
        if problem:
            yield f"{language}: {problem}: {_singular(message)!r} ({_where(message)})"
    for message in catalogue:
        if message.id and wanted.get(_singular(message), message.context) is None:
            yield f"{language}: unused: {_singular(message)!r}"


def _read(language: str) -> Catalog:
    path = _path(language)
    source = path.read_bytes() if path.exists() else _NEW_CATALOGUE
    return read_po(BytesIO(source), locale=language, abort_invalid=True)


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _where(message: Message) -> str:
    return ", ".join(f"{path}:{line}" for path, line in message.locations[:2])


def _doubt(source: Message, translated: Message) -> str:
    said, translations = _forms(source.id), _forms(translated.string)
    if not all(translations):
        return "not translated"
    if translated.fuzzy:
        return "fuzzy"
    if len(said) != len(_forms(translated.id)):
        return "singular and plural differ"
    # The last form speaks of any number, as a plural source does; a singular may leave it out.
    if _placeholders(said[-1]) != _placeholders(translations[-1]):
        return "other placeholders"
    return ""


def _forms(text: str | Sequence[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def update() -> str:
    """Add what is missing to the catalogues and drop what is unused; return what is left to do."""
    wanted = collect()
    waiting = 0
    for language in _INTO:
        catalogue = _read(language)
        # Babel would note the moment, and every update would differ in it.
        wanted.creation_date = catalogue.creation_date
        catalogue.update(wanted, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _path(language).parent.mkdir(parents=True, exist_ok=True)
        with _path(language).open("wb") as target:
            write_po(target, catalogue, width=100, no_location=True, ignore_obsolete=True)
        waiting += sum(1 for message in catalogue if not all(_forms(message.string)))
    return f"{waiting} texts wait for their translation"
