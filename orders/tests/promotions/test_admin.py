"""Staff keep promotions and codes; what makes no sense is refused with a word on what to do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant
from orders.models import Coupon, Promotion, PromotionKind
from orders.tests.builders import make_cart, make_checkout
from orders.tests.promotions.builders import make_coupon, with_code
from orders.tests.promotions.test_limits import place

pytestmark = pytest.mark.django_db

ADD = "/admin/orders/promotion/add/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_owner())
    return client


def form(**changes: Any) -> dict[str, Any]:
    """The page of a promotion with one text and one code, as a browser sends it."""
    empty = {f"{name}-{field}": 0 for name in ("translations", "tiers", "coupons") for field in (
        "TOTAL_FORMS", "INITIAL_FORMS",
    )}  # fmt: skip
    return (
        empty
        | {
            "name": "Halo",
            "is_active": "on",
            "needs_code": "on",
            "valid_from_0": "2026-01-01",
            "valid_from_1": "00:00:00",
            "kind": "percentage",
            "currency": "IDR",
            "percent": "10",
            "amount_minor": "0",
            "max_discount_minor": "0",
            "minimum_minor": "0",
            "buy": "0",
            "get": "0",
            "combines": "on",
            "priority": "100",
            "translations-TOTAL_FORMS": 1,
            "translations-0-language": "id",
            "translations-0-label": "Halo",
            "coupons-TOTAL_FORMS": 1,
            "coupons-0-code": " halo 10 ",
            "coupons-0-is_active": "on",
        }
        | changes
    )


def test_a_code_is_kept_in_capitals_without_spaces(staff: Client) -> None:
    answer = staff.post(ADD, form())
    assert answer.status_code == 302
    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.promotion.kind) == ("HALO10", PromotionKind.PERCENTAGE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"percent": "0"}, "Isi apa yang diberikan"),
        ({"kind": "fixed"}, "Isi apa yang diberikan"),
        ({"kind": "buy_x_get_y", "buy": "2"}, "Isi apa yang diberikan"),
        ({"kind": "tiered"}, "Isi paling sedikit satu tingkat"),
        ({"needs_code": ""}, "Yang memiliki kode hanya berlaku dengan kode"),
        (
            {"valid_until_0": "2025-01-01", "valid_until_1": "00:00:00"},
            "Akhirnya harus sesudah awalnya",
        ),
    ],
)
def test_what_gives_nothing_is_refused_and_says_why(
    staff: Client, changes: dict[str, str], said: str
) -> None:
    answer = staff.post(ADD, form(**changes), headers={"accept-language": "id"})
    assert answer.status_code == 200
    assert said in " ".join(answer.text.split())
    assert not Promotion.objects.exists()


def test_a_limit_counts_what_was_used_before_it(staff: Client) -> None:
    coupon = make_coupon("HALO10")
    shirt = make_variant(price=100_000)
    place(make_checkout(with_code(make_cart({shirt: 1}))))
    page = reverse("admin:orders_promotion_change", args=[coupon.promotion_id])
    kept = {
        "translations-INITIAL_FORMS": 1,
        "translations-0-id": coupon.promotion.translations.get().pk,
        "translations-0-promotion": coupon.promotion_id,
        "coupons-INITIAL_FORMS": 1,
        "coupons-0-id": coupon.pk,
        "coupons-0-promotion": coupon.promotion_id,
    }
    assert staff.post(page, form(**kept, max_uses="3")).status_code == 302
    coupon.refresh_from_db()
    assert (coupon.uses, coupon.promotion.uses, coupon.promotion.max_uses) == (1, 1, 3)
    refused = staff.post(
        page, form(**kept, **{"coupons-0-max_uses": "0"}), headers={"accept-language": "id"}
    )
    assert "Sudah dipakai 1 kali" in refused.text
    coupon.refresh_from_db()
    assert coupon.max_uses is None


def test_a_used_promotion_cannot_be_deleted(staff: Client) -> None:
    coupon = make_coupon("HALO10")
    place(make_checkout(with_code(make_cart({make_variant(): 1}))))
    page = reverse("admin:orders_promotion_delete", args=[coupon.promotion_id])
    staff.post(page, {"post": "yes"})
    assert Promotion.objects.filter(pk=coupon.promotion_id).exists()


@pytest.mark.parametrize("name", ["promotion", "promotionuse", "taxrate"])
def test_the_lists_open(staff: Client, name: str) -> None:
    make_coupon("HALO10")
    place(make_checkout(with_code(make_cart({make_variant(): 1}))))
    assert staff.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200
