"""The delivery address while it is being entered: its country, its region, and who goes there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from django.conf import settings

from orders.address_rules import AddressRules, rules_of
from orders.addresses import destination_of
from orders.places import Destination
from orders.regions.choosing import RegionChoice
from orders.regions.finding import has_regions


@dataclass(frozen=True, slots=True)
class AddressChoice:
    """`region` is None where the country's regions are not known and names are texts."""

    country: str
    rules: AddressRules
    region: RegionChoice | None

    @classmethod
    def of(cls, given: Mapping[str, str], *, keeps_matches: bool = False) -> Self:
        countries = settings.SHIPPING_COUNTRIES
        country = given.get("country", "")
        country = country if country in countries else countries[0]
        known = None
        if has_regions(country):
            known = RegionChoice.of(given, country=country, keeps_matches=keeps_matches)
        return cls(country, rules_of(country), known)

    @property
    def destination(self) -> Destination | None:
        """None until the region is known."""
        if self.region is None:
            return destination_of(country=self.country)
        if self.region.region is None:
            return None
        return destination_of(country=self.country, region=self.region.region.code)
