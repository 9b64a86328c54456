"""What is asked for: the same addresses at each size."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

import psycopg

CATEGORIES = ["wanita", "wanita-atasan", "pria-kemeja-kerja", "muslim-gamis", "anak-gaun-pesta"]
SORTS = ["newest", "best_selling", "price_asc", "price_desc", "discount"]
# The commonest word first; then pairs, a rare word, beginnings, errors of typing, a synonym, a
# phrase, other languages, SKUs, what is nowhere, and what is asked for all the time.
SEARCHES = [
    "kemeja", "kaos", "batik", "celana", "gamis",
    "kemeja batik", "kaos polos", "gamis linen", "kebaya tenun", "rompi plisket", "celana rajut",
    "kemeja batik terakota", "blus katun salur putih", "jaket denim wanita", "tunik pesta",
    "lakuri", "kemeja sasasa", "kard", "kemeja bat", "pash",
    "kemja", "kemja batk", "celna polos", "gamsi linen", "kardgan",
    "tshirt", "baju kaos", "t-shirt polos", "trousers", "long dress",
    "shirt", "batik shirt", "plain trousers", "knitted cardigan",
    "B4711-2", "b815-1", "zzzzqqqq", "sepatu roda", "kancing kelapa", "undangan malam",
]  # fmt: skip
BEGINNINGS = ["ke", "kem", "ba", "bat", "ce", "ga", "gamis li", "kemeja ba", "sa", "la", "x", "t-s"]


@dataclass(frozen=True, slots=True)
class Case:
    """`is_cold`: the page is not in Valkey. `goal` is the CPU of so many empty views at most."""

    name: str
    paths: Sequence[str]
    is_cold: bool = False
    goal: float | None = None


def cases(database: str) -> list[Case]:
    """Of a shop in this database, given as an address to connect to."""
    slugs = product_slugs(database, 20)
    listings = [
        *(f"/c/{slug}/" for slug in CATEGORIES),
        *(f"/c/{slug}/?sort={sort}" for slug in CATEGORIES[:2] for sort in SORTS[1:]),
        *(f"/c/{slug}/?page={page}" for slug in CATEGORIES[:2] for page in (2, 7)),
    ]
    facets = [
        "/c/wanita/?colour=navy&in_stock=1",
        "/c/wanita/?colour=navy&colour=sage&size=m",
        "/c/pria/?size=l&material=linen&in_stock=1",
        "/c/pria/?fit=pas&sort=price_asc",
        "/c/muslim-gamis/?colour=hitam&size=xl&material=sutra&fit=pas",
        "/c/anak/?min_price=100000&max_price=250000",
        "/c/anak/?seller=butik-3-3&reduced=1&sort=discount",
        "/c/wanita-gaun-pesta/?colour=merah&size=s&in_stock=1&sort=best_selling",
    ]
    products = [f"/p/{slug}/" for slug in slugs]
    searches = [f"/search/?q={quote_plus(text)}" for text in SEARCHES]
    api = "/api/v1/products"
    return [
        Case("empty view", ["/empty"]),
        Case("listing, warm", listings[:8], goal=1.5),
        Case("product, warm", products[:8], goal=1.5),
        Case("listing, cold", listings, is_cold=True, goal=15),
        Case("facets, cold", facets, is_cold=True, goal=15),
        Case("product, cold", products, is_cold=True, goal=10),
        Case("search, warm", searches[:8], goal=1.5),
        Case("search, cold", searches, is_cold=True),
        Case(
            "suggestions, cold",
            [f"/api/v1/search/suggest?q={quote_plus(text)}" for text in BEGINNINGS],
            is_cold=True,
        ),
        Case(
            "API list, cold",
            [f"{api}?category={slug}" for slug in CATEGORIES]
            + [f"{api}?sort={sort}&page_size=24" for sort in SORTS],
            is_cold=True,
        ),
        Case("API detail, cold", [f"{api}/{slug}" for slug in slugs], is_cold=True),
    ]


def product_slugs(database: str, number: int) -> list[str]:
    """Spread over the whole catalogue."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT slug FROM catalog_producttranslation,"
            " (SELECT max(product_id) AS last FROM catalog_listing) AS shown"
            " WHERE language = 'id' AND product_id IN"
            " (SELECT 1 + n * (last - 1) / (%(number)s - 1)"
            "  FROM generate_series(0, %(number)s - 1) AS n)"
            " ORDER BY product_id",
            {"number": number},
        )
        return [str(slug) for (slug,) in rows]
