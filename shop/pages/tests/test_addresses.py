"""The address book of an account, and what the checkout makes of it."""

import pytest
from django.test import Client

from accounts.models import SavedAddress, User
from accounts.tests.builders import make_user
from orders.address_book import MAX_ADDRESSES, AddressBookFull, add_address
from orders.models import Order
from orders.tests.builders import SUMUR_BANDUNG, make_address
from shop.pages.tests.test_checkout import filled, shopper
from tests.racing import race

__all__ = ["shopper"]
pytestmark = pytest.mark.django_db
PAGE = "/en/account/addresses/"
TYPED = {
    "label": "Home",
    "recipient_name": "Siti Aminah",
    "phone": "0812-3456 7890",
    "region": SUMUR_BANDUNG,
    "street": "Jl. Braga 12",
    "rt": "3",
    "rw": "RW 05",
    "postal_code": "40111",
    "notes": "pagar hijau",
}


@pytest.fixture
def signed_in(siti: User) -> Client:
    client = Client()
    client.force_login(siti)
    return client


def kept(user: User) -> list[tuple[str, bool]]:
    rows = SavedAddress.objects.filter(user=user).order_by("pk")
    return list(rows.values_list("street", "is_default"))


def test_added_changed_made_the_default_and_removed(signed_in: Client, siti: User) -> None:
    assert signed_in.post(f"{PAGE}new/", TYPED).headers["Location"] == PAGE
    signed_in.post(f"{PAGE}new/", TYPED | {"street": "Jl. Dago 1", "label": ""})
    first, second = SavedAddress.objects.order_by("pk")
    assert (first.recipient_phone, first.rw, first.city) == ("+6281234567890", "05", "Kota Bandung")
    assert kept(siti) == [("Jl. Braga 12", True), ("Jl. Dago 1", False)]

    page = signed_in.get(f"{PAGE}{first.public_id}/").text
    assert f'name="region" value="{SUMUR_BANDUNG}"' in page
    signed_in.post(f"{PAGE}{first.public_id}/", TYPED | {"street": "Jl. Braga 14"})
    signed_in.post(PAGE, {"default": str(second.public_id)})
    assert kept(siti) == [("Jl. Braga 14", False), ("Jl. Dago 1", True)]

    signed_in.post(PAGE, {"remove": str(second.public_id)})
    assert kept(siti) == [("Jl. Braga 14", True)]
    again = signed_in.post(PAGE, {"remove": str(second.public_id)}, follow=True)
    assert "not in your address book any more" in again.text
    assert signed_in.post(PAGE, {"remove": "\x00"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "typed"), [("phone", "12"), ("street", ""), ("postal_code", "x"), ("rt", "abc")]
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    signed_in: Client, siti: User, name: str, typed: str
) -> None:
    answer = signed_in.post(f"{PAGE}new/", TYPED | {name: typed})

    assert answer.status_code == 422
    assert f'id="id_{name}_error"' in answer.text
    assert 'value="pagar hijau"' in answer.text
    assert kept(siti) == []


def test_a_word_finds_places_and_the_fields_follow_without_a_cart(signed_in: Client) -> None:
    page = signed_in.post(f"{PAGE}new/", TYPED | {"region": "", "region_text": "braga", "find": ""})
    part = signed_in.post("/en/checkout/region/", {"address_alone": "1", "region": SUMUR_BANDUNG})

    assert 'name="region" value="32.73.19.1001"' in page.text
    assert "Sumur Bandung, Kota Bandung" in part.text
    assert 'id="couriers"' not in part.text


def test_anothers_address_is_as_if_it_were_not_there(signed_in: Client) -> None:
    budi = make_user("budi@example.com")
    row = add_address(customer_id=budi.pk, address=make_address())

    assert signed_in.get(f"{PAGE}{row.public_id}/").status_code == 404
    assert signed_in.post(f"{PAGE}{row.public_id}/", TYPED).status_code == 404
    signed_in.post(PAGE, {"remove": str(row.public_id)})
    assert kept(budi) == [("Jl. Braga No. 12", True)]


def test_the_book_has_room_for_so_many(signed_in: Client, siti: User) -> None:
    for number in range(MAX_ADDRESSES):
        add_address(customer_id=siti.pk, address=make_address(street=f"Jl. {number}"))

    answer = signed_in.post(f"{PAGE}new/", TYPED)
    assert answer.status_code == AddressBookFull.status
    assert len(kept(siti)) == MAX_ADDRESSES


@pytest.mark.django_db(transaction=True)
def test_of_several_first_ones_at_once_one_is_the_default(siti: User) -> None:
    streets = [f"Jl. {number}" for number in range(4)]

    def add(street: str) -> SavedAddress:
        return add_address(customer_id=siti.pk, address=make_address(street=street))

    found = race([lambda street=street: add(street) for street in streets])  # type: ignore[misc]

    assert [type(each) for each in found] == [SavedAddress] * 4
    assert sorted(is_default for _street, is_default in kept(siti)) == [False, False, False, True]


@pytest.fixture
def buyer(shopper: Client, siti: User) -> Client:
    """The shopper of the checkout's tests, signed in."""
    shopper.force_login(siti)
    return shopper


def test_the_checkout_begins_with_the_default_and_takes_another(buyer: Client, siti: User) -> None:
    for street in ("Jl. Braga 1", "Jl. Dago 2"):
        add_address(customer_id=siti.pk, address=make_address(street=street))
    second = SavedAddress.objects.get(street="Jl. Dago 2")
    page = buyer.get("/en/checkout/").text
    other = buyer.post(
        "/en/checkout/",
        {"use_saved": "1", "saved": str(second.public_id), "street": "typed", "email": "a@b.com"},
    ).text

    assert 'value="Jl. Braga 1"' in page
    assert 'value="siti@example.com"' in page
    assert f'name="region" value="{SUMUR_BANDUNG}"' in page
    assert "JNE REG" in page
    assert ('value="Jl. Dago 2"' in other, 'value="a@b.com"' in other) == (True, True)
    # The Enter key finds another button first.
    assert page.index('name="quote"') < page.index('name="use_saved"')


def test_an_order_saves_its_address_when_told_to_and_keeps_a_copy(
    buyer: Client, siti: User
) -> None:
    page = buyer.post("/en/checkout/", {"region": "32.73.02", "quote": "1"}).text
    buyer.post("/en/checkout/", filled(page, keeps_address="1"))
    order = Order.objects.get()
    SavedAddress.objects.update(street="elsewhere")

    assert order.contact.street == "Jl. Melati 5"
    assert kept(siti) == [("elsewhere", True)]


def test_guests_are_offered_no_book_and_save_nothing(shopper: Client) -> None:
    page = shopper.post("/en/checkout/", {"region": "32.73.02", "quote": "1"}).text
    shopper.post("/en/checkout/", filled(page, keeps_address="1"))

    assert "keeps_address" not in page
    assert Order.objects.count() == 1
    assert SavedAddress.objects.count() == 0
