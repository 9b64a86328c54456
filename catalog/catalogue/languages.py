from collections.abc import Iterable
from typing import TypeVar

Key = TypeVar("Key")
Text = TypeVar("Text")


def in_language(rows: Iterable[tuple[Key, str | None, Text]], language: str) -> dict[Key, Text]:
    """Key → text in the language or, where that is missing, in the first other one.

    Rows are (key, language, text); the keys keep the order in which they first appear.
    """
    texts: dict[Key, Text] = {}
    for key, row_language, text in rows:
        if key not in texts or row_language == language:
            texts[key] = text
    return texts
