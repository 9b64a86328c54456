"""Facet counts: a bit per product and token; a count reads kilobytes and not a million rows.

A chunk holds CHUNK products. Two writers would lose bits: who writes has the turn of COUNTING.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import connection, transaction

from catalog.listing.turns import COUNTING, awaited_turn
from catalog.models import CHUNK, FacetBits, Listing

# With more changes than these in a chunk it is cheaper to count it anew.
REBUILD_ABOVE = 2_000
_NONE = "0" * CHUNK


def update(changes: Mapping[int, Collection[str]]) -> None:
    """Make the bits of these tokens for these products say what their listings say now.

    `changes` maps product pk to the tokens it has gained or lost. Safe to repeat, in any order.
    """
    by_chunk: dict[int, dict[int, Collection[str]]] = defaultdict(dict)
    for product_pk, tokens in changes.items():
        by_chunk[product_pk // CHUNK][product_pk] = tokens
    for chunk, products in sorted(by_chunk.items()):
        if len(products) > REBUILD_ABOVE:
            rebuild(chunk)
        else:
            _change(chunk, products)


def rebuild(chunk: int) -> None:
    """Count a chunk anew from its listings."""
    # Not one transaction: the database ends one that is idle while the bits are put together.
    fresh = {token: _bits_at(places) for token, places in _places(chunk).items()}
    FacetBits.objects.filter(chunk=chunk).exclude(token__in=list(fresh)).delete()
    _write(chunk, fresh)


@transaction.atomic
def _places(chunk: int) -> dict[str, bytes]:
    """Token → which products of the chunk have it, two bytes each."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")
        cursor.execute(
            "SELECT token, string_agg(int2send((product_id %% %(size)s)::int2), ''::bytea)"
            " FROM catalog_listing, unnest(tokens) AS token"
            " WHERE product_id >= %(start)s AND product_id < %(start)s + %(size)s GROUP BY token",
            {"size": CHUNK, "start": chunk * CHUNK},
        )
        return {token: bytes(places) for token, places in cursor.fetchall()}


def rebuild_all() -> None:
    """After a repair, or when the currency or the price ranges have changed.

    Takes the turn for each chunk, so that the follow-up has its own in between.
    """
    with awaited_turn(COUNTING):
        last = Listing.objects.order_by("-product_id").values_list("product_id", flat=True).first()
        chunks = range(last // CHUNK + 1 if last is not None else 0)
        FacetBits.objects.filter(chunk__gte=len(chunks)).delete()
    for chunk in chunks:
        with awaited_turn(COUNTING):
            rebuild(chunk)


def _bits_at(places: bytes) -> str:
    """A string of bits, ones at these places: two bytes each, as `int2send` gives them."""
    numbers = array("h", places)
    numbers.byteswap()
    bits = bytearray(_NONE, "ascii")
    for number in numbers:
        bits[number] = 49
    return bits.decode()


def _change(chunk: int, products: Mapping[int, Collection[str]]) -> None:
    now = dict(Listing.objects.filter(product__in=products).values_list("product_id", "tokens"))
    touched: dict[str, list[int]] = defaultdict(list)
    for pk, tokens in products.items():
        for token in tokens:
            touched[token].append(pk)
    rows = FacetBits.objects.filter(chunk=chunk, token__in=list(touched))
    known = dict(rows.values_list("token", "bits"))
    fresh = {}
    for token, pks in touched.items():
        bits = bytearray(known.get(token, _NONE), "ascii")
        for pk in pks:
            bits[pk % CHUNK] = 49 if token in now.get(pk, ()) else 48
        fresh[token] = bits.decode()
    _write(chunk, fresh)


@transaction.atomic
def _write(chunk: int, fresh: Mapping[str, str]) -> None:
    gone = [token for token, bits in fresh.items() if "1" not in bits]
    FacetBits.objects.filter(chunk=chunk, token__in=gone).delete()
    kept = {token: bits for token, bits in fresh.items() if "1" in bits}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_facetbits (token, chunk, bits)"
            " SELECT token, %s, bits::bit varying::bit(32768)"
            " FROM unnest(%s::text[], %s::text[]) AS fresh(token, bits)"
            " ON CONFLICT (token, chunk) DO UPDATE SET bits = EXCLUDED.bits",
            [chunk, list(kept), list(kept.values())],
        )
