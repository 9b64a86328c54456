"""The app downloads the receipt of a paid order and its credit notes."""

import pytest

from orders.models import ReturnOutcome
from orders.tests.builders import make_order
from orders.tests.life.builders import ask_return, confirmed, delivered, receive, settle
from orders.tests.receipts.builders import seal_all, taxed, this_year
from shop.api.tests.client import App, answer_of, problem_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("accept", ["application/pdf", "application/json", "*/*"])
def test_a_receipt_is_a_pdf_whatever_the_app_says_it_accepts(accept: str) -> None:
    order = confirmed()
    seal_all()
    path = f"/orders/{order.number}/receipt.pdf"
    answer = App().get(path, x_order_token=order.token, accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"].startswith("no-store")
    assert answer["Content-Disposition"] == f'inline; filename="nota-{order.number}.pdf"'
    assert answer.content.startswith(b"%PDF-")


def test_a_strangers_order_and_an_unpaid_one_have_no_receipt() -> None:
    paid, unpaid = confirmed(), make_order()
    answer = App().get(f"/orders/{paid.number}/receipt.pdf", x_order_token=unpaid.token)
    problem_of(answer, 404, "order_not_found")
    answer = App().get(f"/orders/{unpaid.number}/receipt.pdf", x_order_token=unpaid.token)
    problem_of(answer, 409, "no_receipt_yet")


def test_the_app_lists_the_credit_notes_of_an_order_and_downloads_each() -> None:
    order = delivered({taxed(100_000): 2})
    for _one_by_one in range(2):
        settle(receive(ask_return(order)), ReturnOutcome.REFUND)
        seal_all()
    app, path = App(), f"/orders/{order.number}"
    listed = answer_of(app.get(path, x_order_token=order.token), 200)["credit_notes"]
    assert [(each["position"], each["number"]) for each in listed] == [
        (1, f"CN/{this_year()}/000001"),
        (2, f"CN/{this_year()}/000002"),
    ]
    assert (listed[0]["reason"], listed[0]["seller_name"]) == ("returned", "RONA")
    assert listed[0]["total"] == {
        "amount": 100_000,
        "currency": "IDR",
        "formatted": "Rp100.000",
    }
    answer = app.get(f"{path}/credit-notes/2.pdf", x_order_token=order.token)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="credit-note-{order.number}-2.pdf"'
    assert answer.content.startswith(b"%PDF-")


def test_a_strangers_credit_note_and_one_that_is_none_are_not_found() -> None:
    order, other = delivered(), confirmed()
    settle(receive(ask_return(order)), ReturnOutcome.REFUND)
    path = f"/orders/{order.number}/credit-notes"
    problem_of(App().get(f"{path}/1.pdf", x_order_token=other.token), 404, "order_not_found")
    for position in (0, 2, 10**30):
        answer = App().get(f"{path}/{position}.pdf", x_order_token=order.token)
        problem_of(answer, 404, "credit_note_not_found")
    assert (
        answer_of(App().get(f"/orders/{other.number}", x_order_token=other.token), 200)[
            "credit_notes"
        ]
        == []
    )
