"""How large a packed piece is: columns of our own file."""

from pathlib import Path

import pytest

from catalog.models import Variant
from catalog.tests.importing.files import import_file, own, problems_of

pytestmark = pytest.mark.usefixtures("boutique")


def test_measures_are_read_kept_and_cleared(tmp_path: Path) -> None:
    def imported(sides: str) -> tuple[int | None, int | None, int | None]:
        header = "name:id,slug:id,category,price:IDR,sku,length_mm,width_mm,height_mm"
        row = f"Kemeja,kemeja,Wanita,149000,K-1,{sides}"
        run = import_file(own(tmp_path, row, header=header))
        assert problems_of(run) == []
        variant = Variant.objects.get()
        return variant.length_mm, variant.width_mm, variant.height_mm

    assert imported("300,200,15") == (300, 200, 15)
    assert Variant.objects.get().volume_mm3 == 900_000
    assert imported("300,,15.0") == (300, None, 15)
    assert Variant.objects.get().volume_mm3 == 0
