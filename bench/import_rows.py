"""Writes a catalogue file for measuring the import: `python bench/import_rows.py 1000000 > file`.

Products of four variants (two colours, two sizes) in our own format, in two languages, with a
price, stock at one location and two attributes. The shop needs a seller with one location.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from itertools import product
from random import Random

COLOURS = ["Terakota", "Navy", "Gading", "Sage", "Mustard", "Burgundy", "Lilac", "Coklat"]
SIZES = ["S", "M", "L", "XL", "XXL"]
GARMENTS = ["Kemeja", "Blus", "Rok", "Celana", "Gamis", "Kaos", "Jaket", "Tunik"]
ADJECTIVES = ["Polos", "Lebar", "Katun", "Linen", "Batik", "Bordir", "Ringan", "Hangat"]
MATERIALS = ["Katun", "Linen", "Rayon", "Sutra"]
HEADER = [
    "product",
    "category",
    "published",
    "name:id",
    "description:id",
    "care:id",
    "name:en",
    "description:en",
    "attribute:material",
    "attribute:fit",
    "options",
    "variant",
    "sku",
    "barcode",
    "weight_grams",
    "active",
    "option:colour",
    "option:size",
    "price:IDR",
    "price_before:IDR",
    "stock:Gudang",
]
DESCRIPTION = (
    "Dijahit rapi dari bahan pilihan, nyaman dipakai seharian.\n"
    'Cuci dengan air dingin; jangan diperas, "gantung basah".'
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    write(csv.writer(sys.stdout, lineterminator="\r\n").writerow, parser.parse_args().rows)


def write(row: Callable[[Sequence[object]], object], rows: int) -> None:
    random = Random(1)  # noqa: S311 - the same file each time
    row(HEADER)
    for number in range(rows // 4):
        write_product(row, number, random)


def write_product(row: Callable[[Sequence[object]], object], number: int, random: Random) -> None:
    name = f"{random.choice(GARMENTS)} {random.choice(ADJECTIVES)} {number}"
    category = f"{random.choice(['Wanita', 'Pria', 'Anak'])} > {name.split()[0]}"
    price = random.randrange(49, 600) * 1000
    before = price + 50_000 if random.random() < 0.2 else ""
    table = product(random.sample(COLOURS, 2), random.sample(SIZES, 2))
    for place, (colour, size) in enumerate(table):
        head = ["", category, "yes", name, DESCRIPTION, "Cuci dingin", f"{name} (en)", DESCRIPTION]
        head += [random.choice(MATERIALS), "Regular", "colour | size"]
        cells = head if place == 0 else [""] * len(head)
        cells = [*cells, "", f"SKU-{number}-{place}", "", "250", "yes", colour, size]
        row([*cells, price, before, random.randrange(0, 40)])


if __name__ == "__main__":
    main()
