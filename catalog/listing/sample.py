"""Facet counts of some hundred listings, from their tokens alone."""

from collections.abc import Mapping, Sequence

from catalog.listing.counts import TOTAL, Counted, Question
from catalog.listing.selection import AnyOf


def count_sample(rows: Sequence[Sequence[str]], questions: Sequence[Question]) -> Counted:
    """Answers as `counts.count` does, for the rows given: each is a listing's tokens."""
    bits: dict[str, int] = {}
    for place, tokens in enumerate(rows):
        for token in tokens:
            bits[token] = bits.get(token, 0) | 1 << place
    everything = (1 << len(rows)) - 1
    counts = []
    for place, question in enumerate(questions):
        base = _meet(bits, question.groups, everything)
        names: Mapping[str, Sequence[AnyOf]] = question.names
        counts.append({name: _meet(bits, own, base).bit_count() for name, own in names.items()})
        if place == 0:
            counts[0][TOTAL] = base.bit_count()
    total = counts[0][TOTAL] if counts else 0
    return Counted(counts=counts, estimate=total, listings=len(rows))


def _meet(bits: Mapping[str, int], groups: Sequence[AnyOf], base: int) -> int:
    for group in groups:
        found = 0
        for token in group:
            found |= bits.get(token, 0)
        base &= found
    return base
