"""A little Indonesia: some postal codes, where they lie, and how far that is."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """`island` decides the price of a parcel; `id` is RajaOngkir's."""

    id: int
    subdistrict: str
    district: str
    city: str
    province: str
    postal_code: str
    island: str

    @property
    def label(self) -> str:
        names = (self.subdistrict, self.district, self.city, self.province, self.postal_code)
        return ", ".join(names)


AREAS = (
    Area(17473, "BANGKA", "MAMPANG PRAPATAN", "JAKARTA SELATAN", "DKI JAKARTA", "12730", "java"),
    Area(17485, "KUNINGAN", "SETIABUDI", "JAKARTA SELATAN", "DKI JAKARTA", "12940", "java"),
    Area(4816, "BRAGA", "SUMUR BANDUNG", "BANDUNG", "JAWA BARAT", "40111", "java"),
    # Two of one postal code, in two districts: the names must decide.
    Area(4831, "CIGADUNG", "CIBEUNYING KALER", "BANDUNG", "JAWA BARAT", "40132", "java"),
    Area(4832, "DAGO", "COBLONG", "BANDUNG", "JAWA BARAT", "40132", "java"),
    Area(33011, "KAUMAN", "PEKALONGAN TIMUR", "PEKALONGAN", "JAWA TENGAH", "51122", "java"),
    Area(51020, "UBUD", "UBUD", "GIANYAR", "BALI", "80571", "bali"),
    Area(73050, "PANAKKUKANG", "PANAKKUKANG", "MAKASSAR", "SULAWESI SELATAN", "90231", "sulawesi"),
    Area(91007, "GURABESI", "JAYAPURA UTARA", "JAYAPURA", "PAPUA", "99111", "papua"),
)
_KILO = {"java": 9_000, "bali": 18_000, "sumatra": 24_000, "sulawesi": 32_000, "papua": 74_000}
_DAYS = {"java": (1, 2), "bali": (2, 3), "sumatra": (2, 4), "sulawesi": (3, 5), "papua": (5, 9)}
# By the first digit, from 1; Kalimantan (7) costs what Sulawesi does here.
_ISLANDS = ("java", "sumatra", *("java",) * 4, "sulawesi", "bali", "sulawesi")
# The id of a place that is made up is its postal code and this.
_MADE_UP = 100_000


def by_postal_code(postal_code: str) -> Area | None:
    """One of those above or, for any other code, a place made up; none that ends in 999."""
    known = next((area for area in AREAS if area.postal_code == postal_code), None)
    if known or not re.fullmatch(r"[1-9]\d{4}", postal_code) or postal_code.endswith("999"):
        return known
    island = _ISLANDS[int(postal_code[0]) - 1]
    name = "SIMULASI"
    return Area(_MADE_UP + int(postal_code), name, name, name, name, postal_code, island)


def by_id(area_id: int) -> Area | None:
    known = next((area for area in AREAS if area.id == area_id), None)
    return known or by_postal_code(str(area_id - _MADE_UP))


def search(text: str) -> list[Area]:
    found = [area for area in AREAS if text.upper() in area.label]
    made_up = by_postal_code(text)
    return found or ([made_up] if made_up else [])


@dataclass(frozen=True, slots=True)
class Service:
    """`factor` is of the price, in per cent; `hurry` are days sooner."""

    courier: str
    courier_name: str
    code: str
    name: str
    factor: int
    hurry: int


SERVICES = (
    Service("jne", "JNE", "reg", "Reguler", 100, 0),
    Service("jne", "JNE", "yes", "YES", 190, 1),
    Service("jnt", "J&T", "ez", "EZ", 105, 0),
    Service("sicepat", "SiCepat", "reg", "Reguler", 95, 0),
    Service("sicepat", "SiCepat", "gokil", "Cargo", 40, -2),
    Service("anteraja", "AnterAja", "reg", "Reguler", 97, 0),
    Service("tiki", "TIKI", "reg", "Reguler", 110, 0),
    Service("pos", "POS Indonesia", "reg", "Reguler", 90, -1),
)


def price(service: Service, origin: Area, destination: Area, *, grams: int) -> int:
    """Whole rupiah: a kilogram is begun with 300 g more than the last one, cargo with ten."""
    kilo = max(_KILO[origin.island], _KILO[destination.island])
    kilograms = max(10 if service.name == "Cargo" else 1, -(-(grams - 300) // 1000))
    return kilo * kilograms * service.factor // 100


def days(service: Service, origin: Area, destination: Area) -> tuple[int, int]:
    low, high = max(_DAYS[origin.island], _DAYS[destination.island])
    return max(1, low - service.hurry), max(1, high - service.hurry)
