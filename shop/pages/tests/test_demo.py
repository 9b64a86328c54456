"""The sample boutique: loaded once, into an empty shop, and left alone from then on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.db.models import F, Model, Sum
from django.db.models.functions import Coalesce
from django.test.utils import override_settings
from django.utils import timezone

from accounts.factors import check_code
from accounts.models import User
from accounts.tests.builders import code_of
from accounts.totp import new_secret
from catalog.catalogue import Place, get_product, list_products
from catalog.models import (
    Attribute,
    Category,
    ImageState,
    Option,
    Price,
    Product,
    ProductImage,
    ProductTranslation,
    SizeGuide,
    StockItem,
    StockMovement,
    Synonym,
    Variant,
)
from orders.models import Region, ShippingRate, ShippingZone
from tests.listings import write_listings

pytestmark = pytest.mark.django_db

CATALOGUE: tuple[type[Model], ...] = (
    Attribute,
    Category,
    Option,
    Price,
    Product,
    ProductImage,
    ProductTranslation,
    SizeGuide,
    StockItem,
    StockMovement,
    Synonym,
    Variant,
)


@dataclass(frozen=True, slots=True)
class Demo:
    """The shop after its first loading, when that had ended, and where its files are."""

    loaded_at: datetime
    media: Path


@pytest.fixture(scope="module")
def once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """Loaded for the whole module: each test's own transaction is one inside of this."""
    media = tmp_path_factory.mktemp("media")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=str(media)),
        transaction.atomic(),
    ):
        call_command("load_demo")
        write_listings()
        yield Demo(timezone.now(), media)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def demo(once: Demo, db: None) -> Demo:
    return once


def load_again(capsys: pytest.CaptureFixture[str]) -> list[str]:
    call_command("load_demo")
    return capsys.readouterr().out.splitlines()


def test_every_product_can_be_seen_in_both_languages() -> None:
    for language, _name in django_settings.LANGUAGES:
        found = list_products(language=language, currency="IDR", place=Place(page_size=100))
        assert found.total == len(found.cards) == 50
        for card in found.cards:
            product = get_product(language=language, slug=card.slug, currency="IDR")
            colours = [option for option in product.options if option.code == "colour"]
            assert {image.colour_code for image in product.images} == {
                value.code for value in colours[0].values
            }
            assert set(product.slugs) == {"id", "en"}
            assert all([product.name, product.description, product.material, product.care])


def test_its_pictures_are_ready_and_their_files_are_there(demo: Demo) -> None:
    images = ProductImage.objects.all()
    named = {
        path for image in images for path in [image.file.name, *map(_path_of, image.renditions)]
    }
    assert {image.state for image in images} == {ImageState.READY}
    assert len(images) == 102
    assert len(named) == 102 * 8
    assert all((demo.media / str(path)).stat().st_size > 0 for path in named)


def _path_of(rendition: dict[str, str]) -> str:
    return rendition["path"]


def test_stock_is_the_sum_of_what_was_received() -> None:
    received = Coalesce(Sum("movements__quantity"), 0)
    items = StockItem.objects.annotate(received=received)
    assert items.count() == Variant.objects.count() == 350
    assert not items.exclude(on_hand=F("received")).exists()
    assert Variant.objects.values("sku").distinct().count() == 350


def test_one_product_appears_on_its_day(demo: Demo) -> None:
    now = demo.loaded_at
    assert list(Product.objects.exclude(publish_from=None)) == list(
        Product.objects.exclude(pk__in=Product.objects.on_sale(at=now))
    )
    waiting = Product.objects.get(translations__slug="gamis-ceruti-rosella")
    assert not waiting.is_on_sale(at=now + timedelta(days=5, hours=23))
    assert waiting.is_on_sale(at=now + timedelta(days=6))


@pytest.mark.parametrize(
    ("slug", "days", "expected"),
    [
        ("blazer-linen-menteng", 0, (459_000, None)),
        ("blazer-linen-menteng", 3, (379_000, 459_000)),
        ("blazer-linen-menteng", 10, (459_000, None)),
        ("kemeja-flanel-lawu", -3, (249_000, None)),
        ("kemeja-flanel-lawu", 0, (199_000, 249_000)),
        ("kemeja-flanel-lawu", 7, (249_000, None)),
        ("kemeja-batik-kawung", 0, (289_000, 349_000)),
    ],
)
def test_a_sale_lowers_the_price_for_its_days(
    demo: Demo, slug: str, days: int, expected: tuple[int, int | None]
) -> None:
    at = demo.loaded_at + timedelta(days=days)
    prices = Price.objects.filter(
        variant__product__translations__slug=slug, valid_from__lte=at
    ).exclude(valid_until__lte=at)
    assert set(prices.values_list("amount_minor", "compare_at_minor")) == {expected}
    assert prices.count() == Variant.objects.filter(product__translations__slug=slug).count()


def test_a_parcel_reaches_every_province_by_one_zone() -> None:
    for province in Region.objects.filter(parent=None):
        zone = ShippingZone.objects.get(regions=province)
        assert zone.rates.filter(courier="JNE", service="REG").count() == 1
        assert zone.rates.filter(courier="SiCepat", service="REG").count() == 1
    assert ShippingRate.objects.get(service="YES").zone.name == "Jawa"


def test_a_second_run_changes_nothing_and_restores_no_stock(
    capsys: pytest.CaptureFixture[str],
) -> None:
    StockItem.objects.filter(on_hand=3).update(on_hand=1)
    ProductTranslation.objects.filter(slug="striped-tee").update(slug="renamed")
    Synonym.objects.filter(words__startswith="rok").delete()
    before = _rows()

    said = load_again(capsys)

    assert said == [
        "pictures: unchanged",
        "catalogue: unchanged",
        "shipping fares: unchanged",
        "promotions: unchanged",
        "staff@example.com: unchanged",
        "customer@example.com: unchanged",
    ]
    assert _rows() == before


def _rows() -> list[object]:
    kept: tuple[type[Model], ...] = (*CATALOGUE, ShippingRate, User)
    return [list(model._default_manager.order_by("pk").values()) for model in kept]


def test_a_lost_picture_comes_back(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    (demo.media / "products" / "kaos-salur-1-360.avif").unlink()

    assert load_again(capsys)[0] == "pictures: loaded"

    assert default_storage.exists("products/kaos-salur-1-360.avif")


def test_staff_gets_the_password_of_the_environment_and_a_changed_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.all().delete()
    for password in ("the first password", "the second password"):
        monkeypatch.setenv("DEMO_STAFF_PASSWORD", password)
        monkeypatch.setenv("DEMO_STAFF_TOTP_SECRET", secret := new_secret())
        load_again(capsys)

    staff = User.objects.get(is_staff=True)
    assert (staff.email, staff.is_superuser) == ("staff@example.com", True)
    assert staff.check_password("the second password")
    check_code(user=staff, code=code_of(secret), network="192.0.2.1")


def test_the_customer_gets_a_password_too_and_no_rights(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.all().delete()
    monkeypatch.setenv("DEMO_CUSTOMER_PASSWORD", "the customer's password")
    load_again(capsys)
    load_again(capsys)

    customer = User.objects.get(email="customer@example.com")
    assert (customer.is_staff, customer.is_superuser) == (False, False)
    assert customer.check_password("the customer's password")


def test_without_a_password_nobody_gets_an_account(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEMO_STAFF_PASSWORD", raising=False)
    monkeypatch.delenv("DEMO_CUSTOMER_PASSWORD", raising=False)

    User.objects.all().delete()
    load_again(capsys)

    assert not User.objects.exists()
