"""The queue for last units: what becomes free goes to whoever waited first, for a while."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.tests.builders import make_user
from catalog import waiting as queue
from catalog.inventory import OutOfStock, receive_stock, reserve
from catalog.models import Reservation, StockItem, StockMovement, Variant, Waiting
from catalog.tests.builders import make_variant, stock_of
from catalog.waiting import NothingReserved
from orders.checkout import SoldOut
from orders.models import Cart, Order
from orders.placing import place_order
from orders.settlement import close_unpaid
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact, make_order
from orders.tests.queueing import wait
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db


def in_an_hour() -> Any:
    return timezone.now() + timedelta(hours=1)


def last_one(units: int = 1) -> tuple[Variant, Order]:
    """A shirt whose last units an unpaid order holds."""
    shirt = make_variant(on_hand=units)
    return shirt, make_order(lines={shirt: units})


def join(shirt: Variant, email: str) -> Waiting:
    """A place that nobody has confirmed yet."""
    return queue.join(variant_id=shirt.public_id, quantity=1, email=email, language="id")


def states() -> list[str]:
    return list(Waiting.objects.order_by("pk").values_list("state", flat=True))


def pass_time(waiting: Waiting) -> None:
    over = timezone.now() - timedelta(seconds=1)
    Waiting.objects.filter(pk=waiting.pk).update(hold_until=over)


def test_what_an_unpaid_order_gives_back_is_held_for_the_first() -> None:
    shirt, order = last_one()
    first, _second = wait(shirt, 1), wait(shirt, 2)
    close_unpaid(order_id=order.pk)
    assert states() == ["offered", "waiting"]
    assert stock_of(shirt) == (1, 1)
    held = Reservation.objects.get(holder=first.holder)
    assert (held.state, held.quantity) == ("held", 1)
    assert OutboxMessage.objects.filter(topic="waiting-offered").count() == 1


def test_a_hold_that_is_not_used_passes_on() -> None:
    shirt, order = last_one()
    first, second = wait(shirt, 1), wait(shirt, 2)
    close_unpaid(order_id=order.pk)
    assert queue.lapse(waiting_id=first.pk) is False
    first.refresh_from_db()
    pass_time(first)
    assert queue.due_lapses() == [first.pk]
    assert queue.lapse(waiting_id=first.pk) is True
    assert queue.lapse(waiting_id=first.pk) is False
    assert states() == ["lapsed", "offered"]
    assert stock_of(shirt) == (1, 1)
    queue.leave(token=second.token)
    assert states() == ["lapsed", "left"]
    assert stock_of(shirt) == (1, 0)


def test_nobody_who_left_keeps_an_address() -> None:
    shirt, _order = last_one()
    queue.leave(token=wait(shirt).token)
    assert Waiting.objects.get().email == ""


def test_who_wants_more_than_there_is_gets_what_there_is() -> None:
    shirt, order = last_one(2)
    wait(shirt, 1, quantity=5)
    close_unpaid(order_id=order.pk)
    assert Waiting.objects.get().quantity == 2
    assert stock_of(shirt) == (2, 2)


def test_units_for_several_are_held_in_turn() -> None:
    shirt, order = last_one(3)
    for person in range(3):
        wait(shirt, person, quantity=2)
    close_unpaid(order_id=order.pk)
    assert list(Waiting.objects.order_by("pk").values_list("state", "quantity")) == [
        ("offered", 2),
        ("offered", 1),
        ("waiting", 2),
    ]
    assert stock_of(shirt) == (3, 3)


def test_new_stock_goes_to_the_queue_too() -> None:
    shirt, _order = last_one()
    wait(shirt)
    receive_stock(stock_item_id=StockItem.objects.get().pk, quantity=1)
    assert states() == ["offered"]
    assert stock_of(shirt) == (2, 2)


def test_what_became_free_in_another_way_is_found() -> None:
    shirt, _order = last_one()
    wait(shirt)
    item = StockItem.objects.get()
    StockItem.objects.update(on_hand=2)
    StockMovement.objects.create(stock_item=item, kind="received", quantity=1)
    assert queue.contested_items() == [item.pk]
    assert queue.serve(stock_item_id=item.pk) == 1
    assert queue.contested_items() == []
    assert stock_of(shirt) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_faster_than_the_queue() -> None:
    shirt, order = last_one()
    waiting = wait(shirt)
    item = StockItem.objects.get()

    def snatch() -> str:
        for _ in range(30):
            try:
                reserve(holder=uuid4(), quantities={item.pk: 1}, until=in_an_hour())
            except OutOfStock:
                continue
            return "snatched"
        return "refused"

    def end() -> str:
        return "ended" if close_unpaid(order_id=order.pk) else "was ended"

    assert race([*[snatch] * 4, end]) == ["refused"] * 4 + ["ended"]
    waiting.refresh_from_db()
    assert waiting.state == "offered"
    assert stock_of(shirt) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_lapse_and_an_order_at_the_same_moment_share_nothing() -> None:
    shirt, order = last_one()
    first, second = wait(shirt, 1), wait(shirt, 2)
    close_unpaid(order_id=order.pk)
    cart = make_cart({make_variant(): 1})
    client = Client()
    client.cookies["cart"] = str(cart.token)
    client.post(f"/waiting/{first.token}/")
    cart.refresh_from_db()
    checkout = make_checkout(
        cart, contact=make_contact("lain@example.com", "081299999999"), address=make_address()
    )
    first.refresh_from_db()
    pass_time(first)
    place: Callable[[], object] = partial(
        place_order, checkout=checkout, reserve_until=in_an_hour()
    )
    pass_on: Callable[[], object] = partial(queue.lapse, waiting_id=first.pk)
    race([place, pass_on])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) in [("taken", "waiting"), ("lapsed", "offered")]
    assert stock_of(shirt) == (1, 1)
    ours = Order.objects.filter(cart_token=cart.token).count()
    assert ours == (1 if first.state == "taken" else 0)


def held_cart(client: Client, shirt: Variant) -> Cart:
    waiting = Waiting.objects.get(state="offered")
    answer = client.post(f"/waiting/{waiting.token}/")
    assert answer["Location"] == "/checkout/"
    return Cart.objects.get(token=client.cookies["cart"].value)


def test_what_is_held_can_be_ordered_by_its_bearer_alone(client: Client) -> None:
    shirt, order = last_one()
    other = make_cart({make_variant(): 1})
    wait(shirt)
    close_unpaid(order_id=order.pk)
    cart = held_cart(client, shirt)
    assert [line.quantity for line in cart.lines.all()] == [1]
    Cart.objects.filter(pk=other.pk).update(updated_at=timezone.now())
    other.lines.update(variant=shirt)
    with pytest.raises(SoldOut):
        make_checkout(other)
    placed = place_order(checkout=make_checkout(cart), reserve_until=in_an_hour())
    assert states() == ["taken"]
    assert stock_of(shirt) == (1, 1)
    assert Reservation.objects.get(state="held").holder == placed.holder
    close_unpaid(order_id=placed.pk)
    assert stock_of(shirt) == (1, 0)


def test_a_hold_that_is_over_cannot_be_taken(client: Client) -> None:
    shirt, order = last_one()
    waiting = wait(shirt)
    close_unpaid(order_id=order.pk)
    pass_time(waiting)
    answer = client.post(f"/waiting/{waiting.token}/", follow=True)
    assert "waktunya sudah lewat" in " ".join(answer.text.split()).lower()
    assert Cart.objects.filter(lines__variant=shirt).count() == 1  # the first buyer's own


def test_the_page_says_until_when_and_takes_a_place(client: Client) -> None:
    shirt, _order = last_one()
    page = " ".join(client.get("/waiting/", {"variant": str(shirt.public_id)}).text.split())
    assert "Yang terakhir sedang dipesan pelanggan lain" in page
    assert "WIB" in page
    form = {"variant": str(shirt.public_id), "email": "Siti@Example.com", "quantity": "1"}
    first, again = client.post("/waiting/", form), client.post("/waiting/", form)
    # Whoever knows an address gets no way to its place, nor is told whether it has one.
    place = Waiting.objects.get()
    assert (place.email, place.state) == ("siti@example.com", "asked")
    assert first["Location"] == again["Location"]
    assert str(place.token) not in client.get(first["Location"]).text
    # The first mail may be lost: the second says the same.
    for message in OutboxMessage.objects.filter(topic="waiting-confirm"):
        queue.tell_place(message.payload)
    assert [str(place.token) in sent.body for sent in mail.outbox] == [True, True]
    assert mail.outbox[0].subject == mail.outbox[1].subject


def test_a_place_counts_once_its_mailbox_has_confirmed_it(client: Client) -> None:
    shirt, order = last_one()
    early = join(shirt, "siti@example.com")
    late = wait(shirt)
    invented = join(shirt, "tidak-ada@example.com")
    queue.tell_place({"waiting_id": early.pk})
    [sent] = mail.outbox
    assert sent.to == ["siti@example.com"]
    address = f"/waiting/{early.token}/"
    assert address in sent.body

    client.get(address)
    assert states() == ["asked", "waiting", "asked"]
    assert queue.ahead_of(late) == 0
    client.post(address, {"confirm": "1"})
    client.post(address, {"confirm": "1"})

    # She had come first, and who never reads that mailbox is nobody.
    assert "Anda yang pertama" in client.get(address).text
    assert (queue.ahead_of(late), queue.ahead_of(invented)) == (1, 2)
    queue.tell_place({"waiting_id": early.pk})
    assert mail.outbox[1].subject.startswith("Tempat Anda dalam antrean")
    close_unpaid(order_id=order.pk)
    assert states() == ["offered", "waiting", "asked"]
    queue.tell_place({"waiting_id": early.pk})
    assert "giliran Anda" in mail.outbox[2].body


def test_what_nobody_has_confirmed_holds_nothing_and_is_forgotten_after_a_day() -> None:
    shirt, order = last_one()
    place, kept = join(shirt, "a@example.com"), join(shirt, "b@example.com")
    close_unpaid(order_id=order.pk)
    assert stock_of(shirt) == (1, 0)
    assert queue.contested_items() == []
    yesterday = timezone.now() - timedelta(hours=25)
    Waiting.objects.filter(pk=place.pk).update(created_at=yesterday)

    queue.prune()

    assert Waiting.objects.get() == kept
    queue.tell_place({"waiting_id": place.pk})
    assert mail.outbox == []


def test_who_confirms_what_has_become_free_gets_it_at_once(client: Client) -> None:
    shirt, order = last_one()
    place = join(shirt, "siti@example.com")
    close_unpaid(order_id=order.pk)

    client.post(f"/waiting/{place.token}/", {"confirm": "1"})

    assert states() == ["offered"]
    assert stock_of(shirt) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_place_confirmed_in_two_windows_at_once_is_served_once() -> None:
    shirt, order = last_one()
    place = join(shirt, "siti@example.com")
    close_unpaid(order_id=order.pk)

    race([partial(queue.confirm, token=place.token)] * 4)

    assert states() == ["offered"]
    assert Reservation.objects.filter(state="held").count() == 1
    assert stock_of(shirt) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_address_at_once_takes_one_place() -> None:
    shirt, _order = last_one()
    places = race([partial(join, shirt, "siti@example.com")] * 4)
    assert places == [Waiting.objects.get()] * 4


def test_the_own_address_of_an_account_needs_no_mail(client: Client) -> None:
    shirt, _order = last_one()
    client.force_login(make_user(email="Siti@example.com"))
    form = {"variant": str(shirt.public_id), "email": "siti@Example.com", "quantity": "1"}

    shown = client.post("/waiting/", form)
    another = client.post("/waiting/", form | {"email": "budi@example.com"})

    assert states() == ["waiting", "asked"]
    assert "Anda yang pertama" in client.get(shown["Location"]).text
    assert "asked=1" in another["Location"]
    topics = OutboxMessage.objects.values_list("topic", flat=True)
    assert list(topics.filter(topic__startswith="waiting")) == ["waiting-confirm"]


def test_one_address_is_not_written_to_again_and_again_from_many_networks(client: Client) -> None:
    shirt, _order = last_one()
    form = {"variant": str(shirt.public_id), "email": "korban@example.com", "quantity": "1"}
    [limit] = queue.LIMITS_OF_AN_ADDRESS
    for number in range(limit.times):
        assert client.post("/waiting/", form, REMOTE_ADDR=f"10.0.0.{number}").status_code == 302
    refused = client.post("/waiting/", form, REMOTE_ADDR="10.0.1.1")
    assert (refused.status_code, Waiting.objects.count()) == (422, 1)


def test_what_is_missing_or_too_much_is_said_in_words_and_takes_no_place(client: Client) -> None:
    shirt, _order = last_one()
    form = {"variant": str(shirt.public_id), "email": "", "quantity": str(queue.MOST + 1)}
    page = client.post("/en/waiting/", form)
    assert (page.status_code, Waiting.objects.count()) == (422, 0)
    for words in (
        "Enter your e-mail address.",
        f"Enter how many you want: 1 to {queue.MOST}.",
        "Nobody is waiting for it yet.",
    ):
        assert words in page.text, words


@pytest.mark.parametrize("given", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_what_is_no_variant_has_no_queue(client: Client, given: str) -> None:
    assert client.get("/waiting/", {"variant": given}).status_code == 404


def test_there_is_no_queue_for_what_is_free_or_sold(client: Client) -> None:
    for shirt in (make_variant(on_hand=3), make_variant(on_hand=0)):
        with pytest.raises(NothingReserved):
            wait(shirt)
        form = {"variant": str(shirt.public_id), "email": "a@example.com", "quantity": "1"}
        assert client.post("/waiting/", form).status_code == 422
    assert Waiting.objects.count() == 0


def test_the_mail_leads_to_what_is_held() -> None:
    shirt, order = last_one()
    waiting = wait(shirt)
    close_unpaid(order_id=order.pk)
    message = OutboxMessage.objects.get(topic="waiting-offered")
    queue.tell(message.payload)
    [sent] = mail.outbox
    assert sent.to == ["antre1@example.com"]
    assert f"/waiting/{waiting.token}/" in sent.body
    waiting.refresh_from_db()
    pass_time(waiting)
    queue.tell(message.payload)
    assert len(mail.outbox) == 1
