"""Each address outside the admin and each kind of person: own, another's, and what is not there.

Every address has a row that says to whom it belongs. An address without one fails, so whoever adds
one has to decide. What has a secret in its address belongs to whoever has that; what is an
account's, to nobody else, and is for all others as if it were not there.
"""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.builders import make_owner
from tests.authorization.routes import Route, all_routes
from tests.authorization.things import (
    Given,
    Row,
    Things,
    Whose,
    asked,
    bought,
    make_things,
    order,
    own_return,
    saved_address,
    slug,
)

pytestmark = pytest.mark.django_db
ANYBODYS, LINKS = Row(Whose.ANYBODYS), Row(Whose.LINKS)
ACCOUNTS = Row(Whose.ACCOUNTS)
MACHINES = Row(Whose.MACHINES, method="POST", data='{"event": "made up"}')
GOODS = Row(Whose.ANYBODYS, slug)
HOLDERS = Row(Whose.HOLDERS, order)


def posted(row: Row) -> Row:
    return row._replace(method="POST")


def inside(row: Row, *names: str, given: Callable[[Things], Given], method: str = "GET") -> Row:
    return row._replace(given=given, inner=names, method=method)


def empty(row: Row) -> Row:
    return row._replace(is_empty=True)


ROWS = {
    "livez": ANYBODYS,
    "readyz": ANYBODYS,
    "webhooks/xendit/": MACHINES,
    "webhooks/midtrans/": MACHINES,
    "webhooks/biteship/": MACHINES,
    "robots.txt": ANYBODYS,
    "sitemap.xml": ANYBODYS,
    "sitemap-pages.xml": ANYBODYS,
    "sitemap-products-<int:part>.xml": empty(ANYBODYS),
    "feeds/google-<slug:language>-<int:part>.xml": empty(ANYBODYS),
    "search/": ANYBODYS,
    "search/suggest/": ANYBODYS,
    "c/<slug:slug>/": empty(GOODS),
    "p/<slug:slug>/": GOODS,
    "p/<slug:slug>/alert/": posted(GOODS),
    "p/<slug:slug>/reviews/": GOODS,
    "p/<slug:slug>/reviews/fragment/": GOODS,
    # These say the same whether the link is good or made up.
    "alerts/<uuid:token>/confirm/": posted(ANYBODYS),
    "alerts/<uuid:token>/": posted(ANYBODYS),
    "wishlist/": ANYBODYS,
    "wishlist/change/": posted(ANYBODYS),
    "fragments/cards/": ANYBODYS,
    "fragments/wishlist/": ANYBODYS,
    "fragments/badge/": ANYBODYS,
    "cart/": ANYBODYS,
    "cart/add/": empty(posted(ANYBODYS)),
    "cart/coupon/": posted(ANYBODYS),
    "cart/lines/<uuid:variant_id>/": posted(Row(Whose.ANYBODYS, bought)),
    "waiting/": empty(posted(ANYBODYS)),
    "waiting/<uuid:token>/": LINKS,
    "claims/": ACCOUNTS,
    "claims/<str:token>/": posted(ACCOUNTS),
    "orders/<str:token>/": HOLDERS,
    "orders/<str:token>/nota/": HOLDERS,
    "orders/<str:token>/nota.pdf": HOLDERS,
    "orders/<str:token>/credit-notes/<int:seq>/": empty(HOLDERS),
    "orders/<str:token>/credit-notes/<int:seq>.pdf": empty(HOLDERS),
    "orders/<str:token>/return/": HOLDERS,
    "orders/<str:token>/returns/<uuid:return_id>/end/": inside(
        HOLDERS, "return_id", given=own_return, method="POST"
    ),
    "orders/<str:token>/reviews/<uuid:variant_id>/": inside(HOLDERS, "variant_id", given=bought),
    "orders/<str:token>/reviews/<uuid:variant_id>/erase/": inside(
        HOLDERS, "variant_id", given=bought, method="POST"
    ),
    # A vote is for the review of another buyer.
    "orders/<str:token>/reviews/<uuid:variant_id>/votes/<uuid:review_id>/": empty(posted(HOLDERS)),
    "orders/<str:token>/review-mail/": HOLDERS,
    "orders/<str:token>/money-back/": HOLDERS,
    "orders/<str:token>/cancel/": posted(HOLDERS),
    "gift-card/": ANYBODYS,
    "pay/<str:token>/": HOLDERS,
    "pay/<str:token>/status/": HOLDERS,
    "pay/<str:token>/qr.png": empty(HOLDERS),
    "pay/<str:token>/check/": posted(HOLDERS),
    "pay/<str:token>/proof/": posted(HOLDERS),
    "pay/<str:token>/again/": posted(HOLDERS),
    "": ANYBODYS,
    "checkout/": ANYBODYS,
    "checkout/shipping/": posted(ANYBODYS),
    "checkout/region/": posted(ANYBODYS),
    "checkout/regions/": ANYBODYS,
    "account/": ACCOUNTS,
    "account/sign-in/": ANYBODYS,
    "account/sign-out/": posted(ANYBODYS),
    "account/sign-in/by-mail/": ANYBODYS,
    "account/sign-in/links/<str:token>/": posted(LINKS),
    "account/register/": ANYBODYS,
    "account/register/links/<str:token>/": LINKS,
    "account/reset/": ANYBODYS,
    "account/reset/links/<str:token>/": posted(LINKS)._replace(
        data="password=kuda+lumping+naik+sepeda"
    ),
    "account/invitations/<str:token>/": LINKS,
    "account/link-sent/": ANYBODYS,
    "account/orders/": ACCOUNTS,
    "account/orders/<slug:number>/again/": posted(Row(Whose.OWNERS, order)),
    "account/addresses/": ACCOUNTS,
    "account/addresses/new/": ACCOUNTS,
    "account/addresses/<uuid:public_id>/": Row(Whose.OWNERS, saved_address),
    "account/devices/": ACCOUNTS,
    "account/profile/": ACCOUNTS,
    "account/email/": ACCOUNTS,
    "account/email/links/<str:token>/": LINKS,
    "account/password/": ACCOUNTS,
    # Shown to who has given the password of an account with a second factor, and to nobody else.
    "account/sign-in/code/": empty(ANYBODYS),
    "account/sign-in/passkey/": empty(posted(ANYBODYS)),
    "account/sign-in/passkey/options/": posted(ANYBODYS),
    "account/confirm/": ACCOUNTS,
    "account/second-factor/": ACCOUNTS,
    "account/second-factor/app/": ACCOUNTS,
    "account/second-factor/app/qr.png": ACCOUNTS,
    "account/second-factor/app/remove/": posted(ACCOUNTS),
    "account/second-factor/passkeys/": ACCOUNTS,
    "account/second-factor/passkeys/options/": posted(ACCOUNTS),
    "account/second-factor/passkeys/<int:pk>/remove/": posted(ACCOUNTS),
    "account/second-factor/codes/": ACCOUNTS,
    "account/data/": ACCOUNTS,
    # Asks who it is before it looks what there is.
    "account/data/<uuid:public_id>/": empty(ACCOUNTS),
    # Without an account there is nothing to choose: on to the cart.
    "account/carts/": ANYBODYS,
    "track/": ANYBODYS,
    "how-to-order/": ANYBODYS,
    "privacy/": ANYBODYS,
    "manifest.webmanifest": ANYBODYS,
}


def routes() -> list[Route]:
    return [
        route
        for route in all_routes()
        if not route.pattern.startswith(("admin/", "dev/", "media/", "api/"))
    ]


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False, headers={"Sec-Fetch-Site": "same-origin"})
    if user:
        client.force_login(user)
    return client


# --- the tests -----------------------------------------------------------------------------------
def test_every_address_has_a_row() -> None:
    assert {route.pattern for route in routes()} == set(ROWS)


def test_pages_open_for_those_whose_they_are() -> None:
    siti, budi = make_things("siti@example.com"), make_things("budi@example.com")
    people = {
        "nobody": client_of(None),
        "own": client_of(siti.user),
        "other": client_of(budi.user),
        "staff": client_of(make_owner()),
    }
    wrong = {}
    for route in routes():
        row = ROWS[route.pattern]
        for who, client in people.items():
            given = row.given(siti)
            answers = {"it": asked(client, row, route.path(**given)), "absent": ""}
            if row.whose in (Whose.HOLDERS, Whose.LINKS, Whose.OWNERS):
                answers["absent"] = asked(client, row, route.path())
            for name in row.inner:
                mixed = given | {name: row.given(budi)[name]}
                answers[f"another's {name}"] = asked(client, row, route.path(**mixed))
            expected = expectation(row, who)
            if answers != expected:
                wrong[route.pattern, who] = {
                    of: (answer, expected.get(of))
                    for of, answer in answers.items()
                    if answer != expected.get(of)
                }
    assert wrong == {}, "\n".join(f"{k} {v}" for k, v in wrong.items())


def expectation(row: Row, who: str) -> dict[str, str]:
    match row.whose:
        case Whose.ANYBODYS:
            answer = {"it": "out" if row.is_empty else "in", "absent": ""}
        case Whose.ACCOUNTS:
            answer = {"it": "out" if who == "nobody" else "in", "absent": ""}
        case Whose.MACHINES:
            answer = {"it": "out", "absent": ""}
        case Whose.OWNERS:
            answer = {"it": "in" if who == "own" else "out", "absent": "out"}
        case Whose.LINKS:
            answer = {"it": "out", "absent": "out"}
        case _:
            answer = {"it": "out" if row.is_empty else "in", "absent": "out"}
    return answer | {f"another's {name}": "out" for name in row.inner}
