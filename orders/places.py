"""Where parcels start and end, as couriers and zones know it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """`region` is the code of the most specific region that is known, or empty.

    Where a country's codes have dots (`31.74.09`), each part names a region within the one before.
    """

    country: str
    province: str = ""
    region: str = ""
    postal_code: str = ""

    @property
    def codes(self) -> list[str]:
        """The codes of all regions that the place lies in, the most specific first."""
        parts = self.region.split(".") if self.region else []
        codes = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
        if self.province and self.province not in codes:
            codes.append(self.province)
        return codes


# The shop's word for the place a parcel goes to.
Destination = Place
