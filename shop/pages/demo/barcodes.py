"""Article numbers of the demo: the data takes them from the range that each shop has for itself."""


def check_digit(digits: str) -> str:
    """The thirteenth digit of an EAN-13 of which these are the first twelve."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighted % 10)


def ean13(stem: str, position: int) -> str:
    """The number of a product's variant: ten digits of the product, two of the variant, a check."""
    digits = f"{stem}{position:02d}"
    return digits + check_digit(digits)
