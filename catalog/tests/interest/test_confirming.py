"""Anybody can enter any address: nobody is told of anything before the address itself says so."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from catalog import alert_addresses, stock_alerts
from catalog.alert_addresses import MOST_OPEN
from catalog.models import AlertAddress, StockAlert, Variant, hash_alert_email
from catalog.stock_alerts import LIMITS
from catalog.tasks import prune_interest
from catalog.tests.interest.test_alerts import OURS, make_gone, press, restock, told
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db

SITI = "siti@example.com"


def ask(variant: Variant, email: str = SITI, *, language: str = "en") -> None:
    stock_alerts.ask(variant_id=variant.public_id, email=email, language=language)


def asked_to_confirm() -> list[EmailMultiAlternatives]:
    """The mails that ask for it, sent now."""
    before = len(mail.outbox)
    for message in OutboxMessage.objects.filter(topic=alert_addresses.TOPIC, done_at=None):
        outbox.deliver(message.pk)
    return [each for each in mail.outbox[before:] if isinstance(each, EmailMultiAlternatives)]


def link_in(sent: EmailMultiAlternatives) -> str:
    found = re.search(r"http://[^/]+(/\S+/confirm/)", str(sent.body))
    assert found
    return found[1]


def confirm(client: Client, link: str, *, but: Sequence[Variant] = ()) -> Any:
    """Press the button of the page behind the link, having taken out some."""
    page = client.get(link).text
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    out = {str(alert.token) for each in but for alert in each.stock_alerts.all()}
    chosen = [token for token in shown if token not in out]
    return client.post(link, {"shown": shown, "chosen": chosen})


def confirmed() -> set[Variant]:
    return {alert.variant for alert in StockAlert.objects.exclude(confirmed_at=None)}


def later(**ago: float) -> None:
    """As if everything known of addresses had happened so long ago."""
    for address in AlertAddress.objects.all():
        for name in ("mailed_at", "confirmed_at", "stopped_at"):
            if at := getattr(address, name):
                setattr(address, name, at - timedelta(**ago))
        address.save()


def test_a_stranger_who_was_entered_is_told_of_nothing() -> None:
    variant = make_gone()
    ask(variant)
    restock(variant)

    assert told() == []


def test_who_confirms_is_told(client: Client) -> None:
    variant = make_gone()
    press(client, variant)
    [sent] = asked_to_confirm()

    done = confirm(client, link_in(sent))

    assert "We write to you once for each of these" in done.text
    assert "Kemeja Ubud (en), Terracotta, M" in done.text
    assert not done.cookies
    assert done["Cache-Control"].endswith("no-store, must-revalidate, private")
    restock(variant)
    assert told() == [SITI]


def test_the_mail_names_what_is_waited_for_and_how_to_be_left_alone() -> None:
    ask(make_gone(), language="en")
    ask(make_gone("Gamis"), "budi@example.com", language="id")

    to_siti, to_budi = asked_to_confirm()

    assert (to_siti.to, to_siti.subject) == ([SITI], "Please confirm: tell me when it is back")
    address = StockAlert.objects.get(email=SITI).address
    assert address
    for text in (str(to_siti.body), str(to_siti.alternatives[0][0])):
        assert "Kemeja Ubud (en), Terracotta, M" in text
        assert f"/en/alerts/{address.token}/confirm/" in text
        assert f"/en/alerts/{address.token}/" in text
        assert "Was it not you?" in text
    assert str(to_siti.extra_headers["List-Unsubscribe"]).endswith(f"/en/alerts/{address.token}/>")
    assert "Gamis, Terakota, M" in str(to_budi.body)


def test_whoever_opens_the_link_has_confirmed_nothing(client: Client) -> None:
    variant = make_gone()
    ask(variant)
    [sent] = asked_to_confirm()

    page = client.get(link_in(sent))

    assert "Kemeja Ubud (en), Terracotta, M" in page.text
    assert "Yes, write to me" in page.text
    assert SITI not in page.text
    assert confirmed() == set()


def test_an_address_gets_one_such_mail_a_day_whatever_is_entered() -> None:
    for number in range(3):
        ask(make_gone(size=f"s{number}"))
    assert len(asked_to_confirm()) == 1
    later(hours=23)
    ask(make_gone(size="XL"))
    assert asked_to_confirm() == []
    later(hours=1)
    ask(make_gone(size="XL"))
    assert len(asked_to_confirm()) == 1


def test_who_has_confirmed_lately_needs_not_do_so_again(client: Client) -> None:
    ask(make_gone(size="S"))
    confirm(client, link_in(asked_to_confirm()[0]))
    later(days=89)

    ask(make_gone(size="M"))

    assert asked_to_confirm() == []
    assert len(confirmed()) == 2
    later(days=2)
    ask(make_gone(size="L"))
    assert len(asked_to_confirm()) == 1
    assert len(confirmed()) == 2


def test_the_browser_is_not_told_what_is_known_of_an_address(client: Client) -> None:
    variant, other = make_gone(size="S"), make_gone(size="M")
    unknown = press(client, variant)
    confirm(client, link_in(asked_to_confirm()[0]))

    trusted = (
        press(client, variant),
        press(client, other).replace(str(other.public_id), str(variant.public_id)),
    )
    stock_alerts.stop(token=StockAlert.objects.filter(variant=variant).get().token)
    stopped = press(client, variant)

    assert {unknown, *trusted, stopped} == {unknown}


def test_what_is_taken_out_on_the_page_is_not_waited_for(client: Client) -> None:
    mine, not_mine = make_gone(), make_gone("Gamis")
    ask(mine)
    ask(not_mine)
    [sent] = asked_to_confirm()

    confirm(client, link_in(sent), but=[not_mine])

    assert [alert.variant for alert in StockAlert.objects.all()] == [mine]


def test_what_was_entered_after_the_page_was_opened_is_not_confirmed_with_it() -> None:
    mine, not_mine = make_gone(), make_gone("Gamis")
    ask(mine)
    alert = mine.stock_alerts.get()
    ask(not_mine)

    assert alert.address
    alert_addresses.confirm(token=alert.address.token, shown=[alert.token], chosen=[alert.token])

    assert confirmed() == {mine}
    assert not_mine.stock_alerts.get().confirmed_at is None


def test_a_stranger_who_enters_an_address_often_does_not_take_its_places(client: Client) -> None:
    for number in range(MOST_OPEN + 1):
        ask(make_gone(size=f"s{number}"))
    mine = make_gone("Gamis")

    ask(mine)

    assert StockAlert.objects.count() == MOST_OPEN
    strange = [alert.variant for alert in StockAlert.objects.exclude(variant=mine)]
    confirm(client, link_in(asked_to_confirm()[0]), but=strange)
    assert confirmed() == {mine}


def test_who_waits_for_twenty_things_chooses_which(client: Client) -> None:
    first = make_gone(size="s0")
    ask(first)
    link = link_in(asked_to_confirm()[0])
    confirm(client, link)
    for number in range(1, MOST_OPEN + 1):
        ask(make_gone(size=f"s{number}"))
    assert len(confirmed()) == MOST_OPEN

    too_many = confirm(client, link)

    assert too_many.status_code == 422
    assert "An address can wait for 20 things at a time." in too_many.text
    assert len(confirmed()) == MOST_OPEN
    assert confirm(client, link, but=[first]).status_code == 200
    assert len(confirmed()) == MOST_OPEN
    assert first not in confirmed()


def test_who_said_no_is_asked_again_after_a_month_at_the_earliest(client: Client) -> None:
    variant = make_gone()
    ask(variant)
    [sent] = asked_to_confirm()
    address = AlertAddress.objects.get()
    client.post(f"/en/alerts/{address.token}/", {"List-Unsubscribe": "One-Click"})
    assert not StockAlert.objects.exists()

    later(days=29)
    ask(variant)
    restock(variant)
    assert asked_to_confirm() == []
    assert told() == []

    later(days=1)
    ask(make_gone(size="L"))
    [again] = asked_to_confirm()
    confirm(client, link_in(again))
    assert AlertAddress.objects.get().stopped_at is None
    assert told() == [SITI]
    assert link_in(again) == link_in(sent)


def test_that_somebody_said_no_is_remembered_without_the_address() -> None:
    ask(make_gone())
    address = AlertAddress.objects.get()
    stock_alerts.stop(token=address.token)
    stock_alerts.forget(email=SITI)
    later(days=1000)

    prune_interest()

    assert AlertAddress.objects.get() == address
    assert SITI not in "".join(str(value) for value in vars(AlertAddress.objects.get()).values())


def test_a_stranger_can_be_erased_altogether() -> None:
    ask(make_gone())

    stock_alerts.forget(email=f" {SITI.upper()}")

    assert not StockAlert.objects.exists()
    assert not AlertAddress.objects.exists()


def test_what_nobody_confirms_is_forgotten_after_two_days() -> None:
    ask(make_gone(size="S"))
    ask(make_gone(size="M"), "budi@example.com")
    young = StockAlert.objects.get(email="budi@example.com")
    old = timezone.now() - timedelta(days=2, minutes=1)
    StockAlert.objects.filter(email=SITI).update(created_at=old)
    AlertAddress.objects.filter(alerts__email=SITI).update(mailed_at=old)

    prune_interest()

    assert list(StockAlert.objects.all()) == [young]
    assert list(AlertAddress.objects.all()) == [young.address]


def test_a_link_that_is_over_says_so(client: Client) -> None:
    ask(make_gone())
    token = AlertAddress.objects.get().token
    StockAlert.objects.all().delete()

    for each in (token, uuid4()):
        assert "Nothing is waited for here" in client.get(f"/en/alerts/{each}/confirm/").text
        posted = client.post(f"/en/alerts/{each}/confirm/", {"chosen": [str(uuid4()), "x"]})
        assert (posted.status_code, "Nothing is waited for here" in posted.text) == (200, True)


def test_a_network_asks_so_often_and_is_told_to_wait(client: Client) -> None:
    variant = make_gone()
    form = {"variant": str(variant.public_id), "email": SITI}
    for number in range(LIMITS[0].times):
        press(client, variant, f"siti{number}@example.com")

    answer = client.post("/en/p/kemeja-ubud-en/alert/", form, headers=OURS)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "Too many requests have come from your network." in answer.text
    assert f'value="{SITI}"' in answer.text
    assert not StockAlert.objects.filter(email=SITI).exists()
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert press(elsewhere, variant).endswith("&waiting=1#buy")


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_an_address_at_once_cause_one_mail() -> None:
    variants = [make_gone(size=f"s{number}") for number in range(5)]
    AlertAddress.objects.create(email_hash=hash_alert_email(SITI))

    race([partial(ask, one) for one in variants])

    assert StockAlert.objects.count() == 5
    assert len(asked_to_confirm()) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_are_twenty_also_when_the_last_two_come_at_once(client: Client) -> None:
    ask(make_gone(size="s0"))
    confirm(client, link_in(asked_to_confirm()[0]))
    for number in range(1, MOST_OPEN - 1):
        ask(make_gone(size=f"s{number}"))
    last = [make_gone(size=f"l{number}") for number in range(4)]

    race([partial(ask, one) for one in last])

    assert len(confirmed()) == MOST_OPEN
