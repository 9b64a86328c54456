"""The sample boutique: loaded once, into an empty shop, and left alone from then on."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from pytest_django import Settings

from accounts.models import User
from catalog.catalogue import Place, get_product, list_products
from catalog.models import Price, Product, ProductTranslation, StockItem, StockMovement, Variant
from catalog.tests.builders import make_variant
from orders.models import Region, ShippingRate, ShippingZone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def load(capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("load_demo")
    return capsys.readouterr().out.splitlines()


def test_every_product_can_be_seen_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys)

    for language, _name in django_settings.LANGUAGES:
        found = list_products(language=language, currency="IDR", place=Place(page_size=100))
        assert found.total == len(found.cards) == 12
        for card in found.cards:
            product = get_product(language=language, slug=card.slug, currency="IDR")
            assert len(product.images) == card.colour_count
            assert set(product.slugs) == {"id", "en"}
            assert all([product.name, product.description, product.material, product.care])


def test_every_picture_that_is_named_exists(
    capsys: pytest.CaptureFixture[str], media: Path
) -> None:
    load(capsys)

    named = {
        rendition["path"]
        for product in Product.objects.all()
        for image in product.images.all()
        for rendition in [*image.renditions, {"path": image.file.name}]
    }
    assert len(named) == 27 * 8
    assert all((media / path).stat().st_size > 0 for path in named)


def test_stock_is_the_sum_of_what_was_received(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys)

    received = Coalesce(Sum("movements__quantity"), 0)
    items = StockItem.objects.annotate(received=received)
    assert items.count() == Variant.objects.count() == Price.objects.count() == 99
    assert not items.exclude(on_hand=F("received")).exists()


def test_a_parcel_reaches_every_province_by_one_zone(capsys: pytest.CaptureFixture[str]) -> None:
    load(capsys)

    for province in Region.objects.filter(parent=None):
        zone = ShippingZone.objects.get(regions=province)
        assert zone.rates.filter(courier="JNE", service="REG").count() == 1
        assert zone.rates.filter(courier="SiCepat", service="REG").count() == 1
    assert ShippingRate.objects.get(service="YES").zone.name == "Jawa"


def test_a_second_run_changes_nothing_and_restores_no_stock(
    capsys: pytest.CaptureFixture[str],
) -> None:
    load(capsys)
    StockItem.objects.filter(on_hand=3).update(on_hand=1)
    ProductTranslation.objects.filter(slug="striped-tee").update(slug="renamed")
    before = _rows()

    said = load(capsys)

    assert said == [
        "pictures: unchanged",
        "catalogue: unchanged",
        "shipping fares: unchanged",
        "staff@example.com: unchanged",
    ]
    assert _rows() == before


def _rows() -> list[object]:
    kept = (Product, ProductTranslation, Price, StockItem, StockMovement, ShippingRate, User)
    return [list(model._default_manager.order_by("pk").values()) for model in kept]


def test_a_shop_with_goods_of_its_own_gets_none_of_the_demo(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = make_variant()

    said = load(capsys)

    assert "catalogue: unchanged" in said
    assert list(Product.objects.all()) == [own.product]


def test_a_lost_picture_comes_back(capsys: pytest.CaptureFixture[str], media: Path) -> None:
    load(capsys)
    lost = media / "products" / "kaos-salur-1-360.avif"
    lost.unlink()

    load(capsys)

    assert default_storage.exists("products/kaos-salur-1-360.avif")


def test_staff_gets_the_password_of_the_environment_and_a_changed_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_STAFF_PASSWORD", "the first password")
    load(capsys)
    monkeypatch.setenv("DEMO_STAFF_PASSWORD", "the second password")
    load(capsys)

    staff = User.objects.get(is_staff=True)
    assert (staff.email, staff.is_superuser) == ("staff@example.com", True)
    assert staff.check_password("the second password")


def test_without_a_password_nobody_becomes_staff(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEMO_STAFF_PASSWORD", raising=False)

    load(capsys)

    assert not User.objects.exists()
