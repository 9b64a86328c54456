# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""From what somebody typed to what is looked for: words known, corrected, with their synonyms."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from catalog.models import SOLD_TIERS, SearchWord, Synonym

# Words and phrases that mean the same.
Group = tuple[str, ...]
LONGEST_QUERY = 100
MOST_WORDS = 8
# How many typing errors are forgiven in a word of that many letters or more.
FORGIVEN = ((8, 2), (5, 2), (3, 1))
# Some text has the word. A usual one is met among what sells best, in an index a hundred times
# smaller.
_OCCURS = "EXISTS (SELECT FROM catalog_listing WHERE words @@ catalog_query_of(ARRAY[typed])"
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Understood:
    """`text` is what is looked for, in words; it differs from what was typed where `is_corrected`.

    A product must have one of the words or phrases of each of `terms`. `prefix` is the last word,
    which may be the beginning of a longer one.
    """

    text: str
    is_corrected: bool
    terms: tuple[Group, ...]
    prefix: str


@dataclass(frozen=True, slots=True)
class Known:
    """`is_named`: it is in some product's name or beside it. `is_filler` for `yang` and `the`."""

    is_named: bool
    is_filler: bool


def words_of(typed: str) -> list[str]:
    """`Kémeja  T-Shirt!` → ["kemeja", "t-shirt"]."""
    plain = unicodedata.normalize("NFKD", typed[:LONGEST_QUERY]).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(letters)[:MOST_WORDS]


def understand(typed: str, *, is_exact: bool = False) -> Understood:
    """`is_exact` takes the words as they are. Two to four queries, however long the text."""
    words = words_of(typed)
    known = look_up(words)
    groups = synonym_groups()
    kept = [word for word in words if not known[word].is_filler] or words
    meant = _words_with_synonyms(kept, groups)
    strange = [word for word in kept if not known[word].is_named and word not in meant]
    prefix = kept[-1] if strange and kept[-1] == strange[-1] and _begins_one(kept[-1]) else ""
    corrections = {}
    if not is_exact:
        corrections = _correct([word for word in strange if word != prefix])
    right = [corrections.get(word, word) for word in kept]
    return Understood(
        text=" ".join(corrections.get(word, word) for word in words),
        is_corrected=bool(corrections),
        terms=tuple(_terms(right, groups)),
        prefix=prefix,
    )


def look_up(words: Iterable[str]) -> dict[str, Known]:
    """What is known of each word. One query, none for no words."""
    wanted = list(dict.fromkeys(words))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT typed, EXISTS (SELECT FROM catalog_searchword WHERE word = typed),"
            " (SELECT bool_or(numnode(plainto_tsquery(config, typed)) = 0)"
            "  FROM catalog_searchlanguage)"
            " FROM unnest(%s::text[]) AS typed",
            [wanted],
        )
        return {word: Known(is_named, bool(filler)) for word, is_named, filler in cursor.fetchall()}


def _begins_one(word: str) -> bool:
    """Whether some known word begins so. One query."""
    return len(word) > 1 and SearchWord.objects.filter(word__startswith=word).exists()


def _correct(words: Sequence[str]) -> dict[str, str]:
    """Word → the most usual of the nearest known words. One query, none for no words.

    A word that occurs in some text, in any form, is right. So is one that nothing comes near.
    """
    if not words:
        return {}
    forgiven = [
        next((errors for length, errors in FORGIVEN if len(word) >= length), 0) for word in words
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT typed, best.word FROM unnest(%s::text[], %s::int[]) AS wrong(typed, forgiven),"
            " LATERAL (SELECT word FROM catalog_searchword"
            "  WHERE (word %% typed OR (word LIKE left(typed, 1) || '%%'"
            "   AND length(word) BETWEEN length(typed) - 1 AND length(typed) + 1))"
            "  AND levenshtein_less_equal(word, typed, forgiven) <= forgiven"
            "  ORDER BY levenshtein_less_equal(word, typed, forgiven), product_count DESC, word"
            "  LIMIT 1) AS best"
            f" WHERE NOT CASE WHEN {_OCCURS} AND sold_count >= {SOLD_TIERS[-2]}) THEN true"
            f"  ELSE {_OCCURS}) END",
            [list(words), forgiven],
        )
        return dict(cursor.fetchall())


def synonym_groups() -> list[Group]:
    """As staff wrote them, in the form in which words are compared."""
    rows = Synonym.objects.order_by("pk").values_list("words", flat=True)
    return [
        tuple(" ".join(words_of(each)) for each in row.split(",") if words_of(each)) for row in rows
    ]


def _words_with_synonyms(words: Sequence[str], groups: Sequence[Group]) -> set[str]:
    """Words that are, alone or together, a phrase of some group: they are no typing errors."""
    return {
        word
        for group in groups
        for phrase in group
        if _is_part(phrase.split(), words)
        for word in phrase.split()
    }


def _is_part(phrase: Sequence[str], words: Sequence[str]) -> bool:
    return any(
        list(phrase) == list(words[place : place + len(phrase)]) for place in range(len(words))
    )


def _terms(words: Sequence[str], groups: Sequence[Group]) -> Iterable[Group]:
    """A phrase that has synonyms is one term; every other word is one by itself."""
    place = 0
    while place < len(words):
        phrase, group = _longest_phrase(words[place:], groups)
        own = " ".join(words[place : place + max(len(phrase.split()), 1)])
        yield tuple(dict.fromkeys([own, *group]))
        place += len(own.split())


def _longest_phrase(words: Sequence[str], groups: Sequence[Group]) -> tuple[str, Group]:
    """The longest beginning of the words that has synonyms, with these."""
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        for group in groups:
            if phrase in group:
                return phrase, group
    return "", ()
