"""Goods that come in, what is running out, and the history of a variant."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import StockItem, StockMovement
from catalog.tests.builders import make_location, make_product, make_seller, make_variant, stock_of
from catalog.tests.editing.pages import make_matrix, make_staff, messages_of, post, signed_in

pytestmark = pytest.mark.django_db

RECEIVE = "/admin/catalog/stockitem/receive/"
STOCK = "/admin/catalog/stockitem/"
TOKEN = {"form_token": "0" * 32}


@pytest.fixture
def staff() -> Client:
    return signed_in(make_staff("catalog.change_stockitem", "catalog.view_stockitem"))


def units_on(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="units-(\d+)" value="([^"]*)"', page))


def test_goods_for_several_variants_come_in_with_one_delivery_note(staff: Client) -> None:
    product, (small, large) = make_matrix(sizes=["S", "L"], on_hand=1)
    assert set(units_on(staff.get(RECEIVE, {"product": product.pk}).text)) == {
        str(small.pk),
        str(large.pk),
    }
    answer = post(
        staff,
        RECEIVE,
        {
            f"units-{small.pk}": "1.200",
            f"units-{large.pk}": "",
            "location": make_location().pk,
            "reason": "SJ-0042",
            "action": "save",
            **TOKEN,
        },
    )
    assert answer.url == STOCK
    assert (stock_of(small), stock_of(large)) == ((1201, 0), (1, 0))
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.kind, movement.reason) == (
        1200,
        StockMovement.Kind.RECEIVED,
        "SJ-0042",
    )
    assert movement.actor is not None


@pytest.mark.parametrize("code", ["KP-1", "kp-1", "8990001"])
def test_each_scan_adds_a_unit(staff: Client, code: str) -> None:
    variant = make_variant(sku="KP-1")
    variant.barcode = "8990001"
    variant.save()
    once = units_on(post(staff, RECEIVE, {"code": code, "action": "add"}).text)
    assert once == {str(variant.pk): "1"}
    fields = {f"units-{variant.pk}": "1", "code": code, "action": "add"}
    assert units_on(post(staff, RECEIVE, fields).text) == {str(variant.pk): "2"}
    assert stock_of(variant) == (10, 0)


def test_a_code_that_several_variants_have_shows_them_all(staff: Client) -> None:
    twins = [make_variant(sku="T-1"), make_variant(sku="T-1")]
    answer = post(staff, RECEIVE, {"code": "T-1", "action": "add"})
    assert units_on(answer.text) == {str(twin.pk): "" for twin in twins}
    assert "Several variants have this code" in messages_of(answer.text)


def test_an_unknown_code_is_said_aloud(staff: Client) -> None:
    answer = post(staff, RECEIVE, {"code": "NOPE", "action": "add"})
    assert "No variant has the SKU or barcode “NOPE”" in messages_of(answer.text)


@pytest.mark.parametrize("text", ["", "0", "-2", "many"])
def test_without_a_clear_number_nothing_is_booked(staff: Client, text: str) -> None:
    variant = make_variant(on_hand=1)
    answer = post(
        staff,
        RECEIVE,
        {f"units-{variant.pk}": text, "location": make_location().pk, "action": "save", **TOKEN},
    )
    assert answer.status_code == 422
    assert stock_of(variant) == (1, 0)


def test_goods_can_come_to_a_place_where_there_were_none(staff: Client) -> None:
    variant = make_variant(on_hand=1)
    shop = make_location(seller=make_seller(), city="Kota Bandung")
    post(
        staff, RECEIVE, {f"units-{variant.pk}": "4", "location": shop.pk, "action": "save", **TOKEN}
    )
    assert variant.stock_items.get(location=shop).on_hand == 4


def test_who_may_only_look_at_stock_receives_nothing() -> None:
    variant = make_variant(on_hand=1)
    visitor = signed_in(make_staff("catalog.view_stockitem"))
    assert visitor.get(RECEIVE).status_code == 403
    fields = {f"units-{variant.pk}": "4", "location": make_location().pk, "action": "save", **TOKEN}
    assert post(visitor, RECEIVE, fields).status_code == 403
    assert stock_of(variant) == (1, 0)
    assert "Receive goods" not in visitor.get(STOCK).text


def test_what_is_running_out_is_what_can_be_bought_and_is_nearly_gone(staff: Client) -> None:
    make_variant(product=make_product("Hampir Habis"), on_hand=5)
    make_variant(product=make_product("Masih Banyak"), on_hand=6)
    make_variant(product=make_product("Belum Terbit", is_published=False), on_hand=1)
    make_variant(product=make_product("Tidak Aktif"), on_hand=1, is_active=False)
    reserved = make_variant(product=make_product("Sudah Dipesan"), on_hand=9)
    StockItem.objects.filter(variant=reserved).update(reserved=6)
    text = staff.get(STOCK, {"show": "low"}).text
    shown = [name for name in ("Hampir Habis", "Sudah Dipesan") if name in text]
    hidden = [name for name in ("Masih Banyak", "Belum Terbit", "Tidak Aktif") if name in text]
    assert (shown, hidden) == (["Hampir Habis", "Sudah Dipesan"], [])


@pytest.mark.parametrize("sought", ["katun", "KP-1", "8990001"])
def test_stock_is_found_by_name_sku_and_barcode(staff: Client, sought: str) -> None:
    variant = make_variant(product=make_product("Kaos Katun"), sku="KP-1")
    variant.barcode = "8990001"
    variant.save()
    make_variant(product=make_product("Rok Lebar"), sku="RL-1")
    text = staff.get(STOCK, {"q": sought}).text
    assert "Kaos Katun (en), Terracotta, M" in text
    assert "Rok Lebar" not in text


def test_a_variant_tells_who_changed_its_stock_and_why() -> None:
    owner = signed_in()
    variant = make_variant(on_hand=3)
    fields = {f"units-{variant.pk}": "4", "location": make_location().pk, "reason": "SJ-7"}
    post(owner, RECEIVE, fields | {"action": "save", **TOKEN})
    text = owner.get(reverse("admin:catalog_variant_change", args=[variant.pk])).text
    row = " ".join(re.sub(r"<[^>]+>", " ", text[text.index("movements") :]).split())
    movement = StockMovement.objects.latest("pk")
    assert f"+4 received, Gudang Kota Pekalongan SJ-7 {movement.actor}" in row
    assert "Rp149.000" in row


def test_a_long_history_is_read_in_pages() -> None:
    owner = signed_in()
    item = make_variant(on_hand=0).stock_items.get()
    StockMovement.objects.bulk_create(
        StockMovement(stock_item=item, kind="received", quantity=number, reason=f"note {number}")
        for number in range(1, 103)
    )
    url = reverse("admin:catalog_variant_change", args=[item.variant_id])
    text = owner.get(url).text
    assert "note 102<" in text
    assert "note 2<" not in text
    older = re.search(r'href="(\?before=\d+)"', text)
    assert older
    text = owner.get(url + older[1]).text
    assert "note 2<" in text
    assert "note 3<" not in text


def test_a_stock_item_leads_to_its_variant(staff: Client) -> None:
    item = make_variant().stock_items.get()
    answer = staff.get(reverse("admin:catalog_stockitem_change", args=[item.pk]))
    variant_page = reverse("admin:catalog_variant_change", args=[item.variant_id])
    assert answer["Location"] == variant_page
