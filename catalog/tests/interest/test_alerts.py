"""Who waits for what is sold out is written to once, when it can really be bought."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from catalog import alert_addresses, inventory, stock_alerts
from catalog.catalogue import ProductNotFound
from catalog.models import Product, StockAlert, StockItem, Variant
from catalog.stock_alerts import NotSoldOut
from catalog.tasks import prune_interest, tell_waiting
from catalog.tests.builders import make_price, make_product, make_variant
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def make_gone(name: str = "Kemeja Ubud", *, size: str = "M") -> Variant:
    known = Product.objects.filter(translations__name=name).first()
    return make_variant(product=known or make_product(name), size=size, on_hand=0, price=259_000)


def item_of(variant: Variant) -> StockItem:
    return variant.stock_items.get()


def restock(variant: Variant, quantity: int = 2) -> None:
    inventory.receive_stock(stock_item_id=item_of(variant).pk, quantity=quantity)


def ask(variant: Variant, email: str = "siti@example.com", *, language: str = "id") -> StockAlert:
    """Asked and confirmed."""
    stock_alerts.ask(variant_id=variant.public_id, email=email, language=language)
    alert = StockAlert.objects.get(variant=variant, email=email, notified_at=None)
    assert alert.address
    alert_addresses.confirm(token=alert.address.token, shown=[], chosen=[alert.token])
    return alert


def press(client: Client, variant: Variant, email: str = "siti@example.com") -> str:
    """The form of the product's page; returns where it leads."""
    form = {"variant": str(variant.public_id), "email": email}
    answer = client.post("/en/p/kemeja-ubud-en/alert/", form, headers=OURS)
    assert answer.status_code == 302
    return str(answer["Location"])


def told() -> list[str]:
    """Runs the task; the addresses that are written to for it."""
    tell_waiting()
    before = len(mail.outbox)
    for message in OutboxMessage.objects.filter(topic="stock-alert", done_at=None).order_by("pk"):
        outbox.deliver(message.pk)
    return [message.to[0] for message in mail.outbox[before:]]


def test_the_page_offers_it_for_the_chosen_variant_that_is_gone(client: Client) -> None:
    gone, there = make_gone(), make_variant(product=make_gone().product, size="L", on_hand=3)
    path = "/en/p/kemeja-ubud-en/"

    def offer(**query: str) -> str:
        page = client.get(path, query).text
        found = re.search(r'<div class="tell"[^>]*>', page)
        assert found
        return found[0]

    assert "hidden" in offer()
    assert "hidden" in offer(variant=str(there.public_id))
    assert "hidden" not in offer(variant=str(gone.public_id))
    page = client.get(path, {"variant": str(gone.public_id)}).text
    assert f'name="variant" form="tell-form" value="{gone.public_id}"' in page
    assert '<form id="tell-form" method="post" action="/en/p/kemeja-ubud-en/alert/">' in page


def test_asking_is_confirmed_on_the_page_of_the_variant(client: Client) -> None:
    gone = make_gone()

    where = press(client, gone, " Siti@Example.com ")

    assert where == f"/en/p/kemeja-ubud-en/?variant={gone.public_id}&waiting=1#buy"
    alert = StockAlert.objects.get()
    assert (alert.variant, alert.email, alert.language) == (gone, "siti@example.com", "en")
    answer = client.get(where)
    assert "We write to you once, as soon as it is back" in answer.text
    assert "look into your mailbox first" in answer.text
    assert "siti@" not in answer.text
    assert not answer.cookies


def test_asking_twice_changes_nothing_and_looks_the_same(client: Client) -> None:
    gone = make_gone()
    first = press(client, gone)
    alert = StockAlert.objects.get()

    assert press(client, gone, "SITI@example.com") == first

    assert StockAlert.objects.get() == alert


@pytest.mark.parametrize("email", ["", "siti", "siti@", f"{'x' * 250}@example.com"])
def test_an_address_that_is_none_is_asked_for_again(client: Client, email: str) -> None:
    form = {"variant": str(make_gone().public_id), "email": email}

    answer = client.post("/en/p/kemeja-ubud-en/alert/", form, headers=OURS)

    assert answer.status_code == 422
    assert "<title>Error: Tell me when it is back" in answer.text
    assert f'value="{form["variant"]}"' in answer.text
    assert not StockAlert.objects.exists()


def test_what_is_in_stock_is_not_waited_for(client: Client) -> None:
    variant = make_variant(product=make_product("Kemeja Ubud"), on_hand=1)

    where = press(client, variant)

    assert "problem=not_sold_out" in where
    assert "This one is in stock: you can buy it now." in client.get(where).text
    assert not StockAlert.objects.exists()


def test_what_is_not_sold_is_not_waited_for(client: Client) -> None:
    gone = make_gone()
    Product.objects.update(is_published=False)
    for variant_id in (gone.public_id, uuid4()):
        form = {"variant": str(variant_id), "email": "siti@example.com"}
        answer = client.post("/p/kemeja-ubud/alert/", form, headers=OURS)
        assert answer.status_code == 404
    assert not StockAlert.objects.exists()


def test_another_site_cannot_ask(client: Client) -> None:
    form = {"variant": str(make_gone().public_id), "email": "siti@example.com"}

    answer = client.post("/p/kemeja-ubud/alert/", form, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert not StockAlert.objects.exists()


def received(variant: Variant) -> None:
    restock(variant)


def corrected(variant: Variant) -> None:
    inventory.correct_stock_in_bulk({item_of(variant).pk: 1})


def released(variant: Variant) -> None:
    inventory.release(holder=HOLDER)


HOLDER = UUID("5d0c5c9e-6b0f-4a55-9d5c-2f1f0f8f9a11")


@pytest.mark.parametrize("come_back", [received, corrected, released])
def test_all_are_told_however_it_comes_back(come_back: Callable[[Variant], None]) -> None:
    variant, other = make_gone(), make_gone("Gamis")
    if come_back is released:
        restock(variant, 1)
        until = timezone.now() + timedelta(hours=1)
        inventory.reserve(holder=HOLDER, quantities={item_of(variant).pk: 1}, until=until)
    for email in ("siti@example.com", "budi@example.com"):
        ask(variant, email)
    ask(other)
    assert told() == []

    come_back(variant)

    assert told() == ["siti@example.com", "budi@example.com"]
    assert told() == []
    assert list(StockAlert.objects.filter(notified_at=None)) == [other.stock_alerts.get()]


def test_nobody_is_told_of_what_they_cannot_buy() -> None:
    variant = make_gone()
    ask(variant)
    restock(variant)
    Product.objects.update(is_published=False)
    assert told() == []
    Product.objects.update(is_published=True)
    variant.prices.all().delete()
    assert told() == []
    make_price(variant, 99_000)
    Variant.objects.update(is_active=False)
    assert told() == []
    Variant.objects.update(is_active=True)

    assert told() == ["siti@example.com"]


def test_what_is_gone_again_before_the_mail_goes_on_being_waited_for() -> None:
    variant = make_gone()
    ask(variant)
    restock(variant)
    tell_waiting()
    inventory.correct_stock_in_bulk({item_of(variant).pk: 0})

    assert told() == []
    assert told() == []

    restock(variant)
    assert told() == ["siti@example.com"]


def test_who_asked_again_meanwhile_waits_once() -> None:
    variant = make_gone()
    ask(variant)
    restock(variant)
    tell_waiting()
    inventory.correct_stock_in_bulk({item_of(variant).pk: 0})
    again = ask(variant)

    assert told() == []

    assert list(StockAlert.objects.all()) == [again]


def test_who_was_told_may_ask_again() -> None:
    variant = make_gone()
    ask(variant)
    restock(variant)
    assert told() == ["siti@example.com"]
    inventory.correct_stock_in_bulk({item_of(variant).pk: 0})

    ask(variant)
    restock(variant)

    assert told() == ["siti@example.com"]


def test_the_mail_is_in_the_language_of_the_page_and_leads_to_the_variant() -> None:
    variant = make_gone()
    alert = ask(variant, language="en")
    restock(variant)
    told()

    [sent] = mail.outbox
    url = f"{settings.PUBLIC_URL}/en/p/kemeja-ubud-en/?variant={variant.public_id}"
    stop = f"{settings.PUBLIC_URL}/en/alerts/{alert.token}/"
    assert isinstance(sent, EmailMultiAlternatives)
    html = sent.alternatives[0][0]
    assert sent.subject == "Back in stock: Kemeja Ubud (en)"
    for text in (str(sent.body), str(html)):
        assert "Kemeja Ubud (en)" in text
        assert "Terracotta, M" in text
        assert "Rp259.000" in text
        assert "While stock lasts" in text
        assert url in text
        assert stop in text
    assert sent.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "View your order" not in str(html)


def test_stopping_forgets_all_of_the_address_and_tells_nothing(client: Client) -> None:
    alert = ask(make_gone())
    ask(make_gone("Gamis"))
    others = ask(make_gone(), "budi@example.com")

    page = client.get(f"/en/alerts/{alert.token}/")
    assert "Stop these mails" in page.text
    assert StockAlert.objects.count() == 3

    for token in (alert.token, alert.token, uuid4()):
        answer = client.post(f"/en/alerts/{token}/")
        assert answer.status_code == 200
        assert "Your address is deleted" in answer.text
        assert "siti" not in answer.text
    assert list(StockAlert.objects.all()) == [others]


def test_who_stopped_is_not_written_to_any_more() -> None:
    variant = make_gone()
    alert = ask(variant)
    restock(variant)
    tell_waiting()

    stock_alerts.stop(token=alert.token)

    assert told() == []


def test_alerts_end_after_half_a_year() -> None:
    old, young, done = (make_gone(size=size) for size in ("S", "M", "L"))
    for variant in (old, young, done):
        ask(variant)
    long_ago = timezone.now() - settings.STOCK_ALERT_FOR - timedelta(minutes=1)
    StockAlert.objects.exclude(variant=young).update(created_at=long_ago)
    StockAlert.objects.filter(variant=done).update(notified_at=timezone.now())

    prune_interest()

    assert set(StockAlert.objects.values_list("variant", flat=True)) == {young.pk, done.pk}
    StockAlert.objects.filter(variant=done).update(notified_at=long_ago)
    prune_interest()
    assert StockAlert.objects.get().variant == young


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_tell_each_of_them_once() -> None:
    variant = make_gone()
    for number in range(3):
        ask(variant, f"siti{number}@example.com")
    restock(variant)

    results = race([stock_alerts.tell_waiting] * 5)

    assert sum(each for each in results if isinstance(each, int)) == 3
    assert len(told()) == 3


@pytest.mark.django_db(transaction=True)
def test_two_askers_at_once_wait_once() -> None:
    variant = make_gone()

    results = race([lambda: ask(variant)] * 5)

    assert {type(each) for each in results} == {StockAlert}
    assert StockAlert.objects.count() == 1


def test_a_refusal_says_what_is_wrong() -> None:
    with pytest.raises(ProductNotFound):
        stock_alerts.ask(variant_id=uuid4(), email="siti@example.com", language="id")
    variant = make_variant(on_hand=1)
    with pytest.raises(NotSoldOut):
        stock_alerts.ask(variant_id=variant.public_id, email="siti@example.com", language="id")
