"""What couriers are called: staff write `J&T Express`, courier APIs `jnt`."""

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Lower, Trim
from django.db.models.lookups import In

# By code, the other ways to write it. Codes are those of Biteship and RajaOngkir.
NAMES: dict[str, tuple[str, ...]] = {
    "anteraja": ("anter aja",),
    "ide": ("id express", "idexpress"),
    "jne": ("jne express",),
    "jnt": ("j&t", "j&t express", "j & t", "jnt express"),
    "lion": ("lion parcel",),
    "ninja": ("ninja xpress", "ninja express"),
    "paxel": (),
    "pos": ("pos indonesia",),
    "rpx": (),
    "sap": ("sap express",),
    "sicepat": ("si cepat", "sicepat ekspres", "sicepat express"),
    "tiki": (),
    "wahana": (),
}
_CODES = {name: code for code, names in NAMES.items() for name in (code, *names)}


def courier_code(name: str) -> str:
    """The code of a courier that we know; its name without capitals otherwise."""
    plain = name.strip().lower()
    return _CODES.get(plain, plain)


def is_known(code: str) -> bool:
    return code in NAMES


def code_of(field: str) -> Case:
    """`courier_code` of a column."""
    name = Lower(Trim(field))
    return Case(
        *(When(In(name, names), then=Value(code)) for code, names in NAMES.items() if names),
        default=name,
        output_field=CharField(),
    )
