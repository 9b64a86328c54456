"""Staff issue, correct and block credit; the code of a card is shown once."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.tests.builders import make_owner, make_staff
from orders.tests.test_admin import signed_in
from payments.credit.codes import hashed
from payments.credit.emails import send_gift_card
from payments.models import CreditAccount, CreditGrant, CreditMovement
from payments.tests.credit.builders import check_books, make_card, make_credit, make_customer
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db
ISSUE = "/admin/payments/creditaccount/issue/"
CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){3}")


def hidden(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]*)"', page)
    assert found
    return found[1]


def issue(client: Client, **fields: str) -> Any:
    form = {"kind": "gift_card", "amount": "150.000", "note": "Undian", "language": "en"}
    token = hidden(client.get(ISSUE).text)
    return client.post(ISSUE, form | {"form_token": token} | fields)


def test_a_gift_card_is_issued_and_its_code_shown_once() -> None:
    client = signed_in()
    token = hidden(client.get(ISSUE).text)
    first = issue(client, form_token=token)
    [code] = CODE.findall(first.text)
    account = CreditAccount.objects.get()
    assert (account.balance_minor, account.code_hash) == (150_000, hashed(code))
    assert "no-store" in first["Cache-Control"]
    again = issue(client, form_token=token)
    assert (again.status_code, CreditAccount.objects.count()) == (302, 1)
    assert "sent before" in client.get(again["Location"]).text
    page = client.get(f"/admin/payments/creditaccount/{account.pk}/change/").text
    assert "Rp150.000" in page
    assert code not in page
    check_books()


def test_a_card_for_somebody_goes_by_mail_and_nobody_else_reads_its_code() -> None:
    answer = issue(signed_in(), recipient="ibu@example.com")
    assert answer.status_code == 302
    message = OutboxMessage.objects.get(topic="gift-card")
    assert "ibu" not in str(message.payload)
    for _delivery in range(2):
        send_gift_card(message.payload)
    [sent] = mail.outbox
    [code] = set(CODE.findall(str(sent.body)))
    assert (sent.to, sent.subject) == (["ibu@example.com"], "A gift card of RONA over Rp150.000")
    assert CreditAccount.objects.get().code_hash == hashed(code)
    assert CreditGrant.objects.get().recipient == ""


def test_store_credit_needs_a_customer_with_an_account() -> None:
    client = signed_in()
    wrong = issue(client, kind="store_credit", customer="nobody@example.com")
    assert "Nobody has an account" in wrong.text
    customer = make_customer("dewi@example.com")
    issue(client, kind="store_credit", customer="Dewi@example.com")
    account = CreditAccount.objects.get()
    assert (account.customer, account.balance_minor) == (customer, 150_000)


def test_large_amounts_are_approved_by_another_who_sees_the_code() -> None:
    first = signed_in()
    answer = issue(first, amount="1.500.000")
    grant = CreditGrant.objects.get()
    page = f"/admin/payments/creditgrant/{grant.pk}/change/"
    approve = f"/admin/payments/creditgrant/{grant.pk}/approve/"
    assert answer["Location"] == page
    assert "somebody else has to approve it" in first.get(page).text
    first.post(approve)
    assert not CreditAccount.objects.exists()
    second = Client()
    second.force_login(make_owner())
    [code] = CODE.findall(second.post(approve).text)
    assert CreditAccount.objects.get().code_hash == hashed(code)
    assert CODE.findall(second.post(approve, follow=True).text) == []


def test_a_balance_is_corrected_with_a_reason_once_for_each_form() -> None:
    client, card = signed_in(), make_card(100_000)
    page = f"/admin/payments/creditaccount/{card.pk}"
    token = hidden(client.get(f"{page}/change/").text)
    typed = {"sign": "-", "amount": "30.000", "note": "Salah", "form_token": token}
    for _time in range(2):
        client.post(f"{page}/do/adjust/", typed)
    assert card.balance == 70_000
    fresh = typed | {"form_token": hidden(client.get(f"{page}/change/").text)}
    refused = client.post(f"{page}/do/adjust/", fresh | {"amount": "70.001"})
    assert "No more can be taken off" in refused.text
    assert client.post(f"{page}/do/adjust/", fresh | {"note": ""}).status_code == 422
    assert card.balance == 70_000


def test_blocking_and_a_new_code_are_for_who_may_issue() -> None:
    client, card = signed_in(), make_card()
    page = f"/admin/payments/creditaccount/{card.pk}/do"
    client.post(f"{page}/block/")
    assert card.account.state == "blocked"
    client.post(f"{page}/unblock/")
    assert card.account.state == "active"
    [code] = CODE.findall(client.post(f"{page}/new-code/").text)
    assert card.account.code_hash == hashed(code)
    reader = Client()
    reader.force_login(make_staff("payments.view_creditaccount"))
    for name in ("block", "new-code", "adjust"):
        assert reader.post(f"{page}/{name}/").status_code == 403
    assert reader.get(ISSUE).status_code == 403
    assert reader.get(f"/admin/payments/creditaccount/{card.pk}/change/").status_code == 200
    assert card.account.state == "active"


def test_the_list_costs_the_same_for_one_card_and_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    client = signed_in()
    for number in range(3):
        make_card()
        make_credit(make_customer(f"c{number}@example.com"))
    with django_assert_max_num_queries(8):
        client.get("/admin/payments/creditaccount/")
    assert CreditMovement.objects.count() == 6
