"""`python -m bench.boutique`: one seller at one place, for a shop that has nothing to sell yet."""

import django

django.setup()

from catalog.listing.refresh import write_settings  # noqa: E402 - not before the setup
from catalog.models import Location, Seller  # noqa: E402 - as above

Location.objects.create(
    seller=Seller.objects.create(name="Butik"),
    name="Gudang",
    street="Jl. Merdeka 1",
    city="Bandung",
    province="ID-JB",
    postal_code="40111",
    country="ID",
)
write_settings()
