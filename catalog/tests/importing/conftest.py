import pytest

from catalog.models import Location, Seller
from catalog.tests.builders import make_category, make_location, make_seller


@pytest.fixture
def boutique(db: None) -> Seller:
    """A shop that can take a file: one seller, one location, two categories."""
    seller = make_seller()
    make_location(seller=seller, city="Gudang")
    Location.objects.update(name="Gudang")
    make_category("Atasan", parent=make_category("Wanita"))
    return seller
