"""The app downloads the receipt of a paid order."""

import pytest

from orders.tests.builders import make_order
from orders.tests.life.builders import confirmed
from orders.tests.receipts.builders import seal_all
from shop.api.tests.client import App, problem_of

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
