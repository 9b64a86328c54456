"""Each page of the admin and each kind of person: who gets in is decided by the table of rights.

The pages that Django makes of a model ask for the right of their name. All others have a row here;
a page without one fails.
"""

import re
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory

from accounts.models import Role, User
from accounts.roles import RIGHTS
from accounts.tests.builders import make_owner, make_user
from catalog.tests.builders import make_product
from tests.authorization.routes import Route, all_routes

pytestmark = pytest.mark.django_db
PEOPLE = ["nobody", "customer", "owner", *Role]
STANDARD = re.compile(r"admin:([a-z]+)_(\w+)_(changelist|add|change|delete|history)$")
PACKS = "orders.pack_order orders.change_order"
STAFF = "any colleague"
# It leads on whoever lacks something; to a customer nothing of it is open.
DOOR = "anybody but customers"


class Page(NamedTuple):
    """One of these rights opens it, and one of those sends its form. Empty: it has no such."""

    read: str
    write: str
    given: dict[str, str] = {}


def both(right: str, **given: str) -> Page:
    return Page(right, right, given)


def sent(right: str, **given: str) -> Page:
    return Page("", right, given)


PAGES = {
    "order_for_customer": both("orders.add_order"),
    "admin:index": both(STAFF),
    "admin:app_list": both(STAFF),
    "admin:view_on_site": both(STAFF),
    "admin:login": both(DOOR),
    "admin:jsi18n": Page(STAFF, ""),
    "admin:password_change": both(STAFF),
    "admin:password_change_done": Page(STAFF, ""),
    # Django refuses it to everybody unless it is asked for a field of a form that one may see.
    "admin:autocomplete": Page("", ""),
    "admin:auth_user_password_change": both("accounts.change_user"),
    "admin:catalog_bulkchange_add": both("catalog.add_bulkchange"),
    "admin:catalog_bulkchange_undo": sent("catalog.add_bulkchange"),
    "admin:catalog_importrun_export": Page("catalog.view_importrun", ""),
    "admin:catalog_importrun_problems": Page("catalog.view_importrun", ""),
    "admin:catalog_importrun_now": sent("catalog.add_importrun"),
    "admin:catalog_importrun_stop": sent("catalog.add_importrun"),
    "admin:catalog_importrun_resume": sent("catalog.add_importrun"),
    "admin:catalog_productimage_page": Page(
        "catalog.view_productimage", "catalog.add_productimage"
    ),
    "admin:catalog_productimage_change_all": sent("catalog.change_productimage"),
    "admin:catalog_product_variants": Page("catalog.view_product", "catalog.change_product"),
    "admin:catalog_product_planned": Page("catalog.view_product", "catalog.change_product"),
    "admin:catalog_product_preview": Page("catalog.view_product", "", {"code": "en"}),
    "admin:catalog_product_publish": sent("catalog.change_product"),
    "admin:catalog_product_copy": sent("catalog.add_product"),
    "admin:catalog_variant_measures": sent("catalog.change_product"),
    "admin:catalog_stockitem_receive": both("catalog.change_stockitem"),
    "admin:orders_review_publish": sent("orders.change_review"),
    "admin:orders_review_refuse": sent("orders.change_review"),
    "admin:orders_review_answer": sent("orders.change_review"),
    "admin:orders_review_erase": sent("orders.change_review"),
    "admin:orders_review_photo": sent("orders.change_review"),
    "admin:orders_shippingzone_probe": both("orders.view_shippingzone"),
    "admin:orders_order_do": sent(PACKS, name="pack"),
    "admin:orders_order_mail": both("orders.view_order"),
    "admin:orders_order_return": both("orders.change_order"),
    "admin:orders_order_slips": both("orders.view_order"),
    "admin:orders_order_scan": both(PACKS),
    "admin:orders_order_ship": sent(PACKS),
    "admin:payments_ledgeradjustment_ask": both("payments.add_ledgeradjustment"),
    "admin:payments_ledgeradjustment_decide": sent(
        "payments.approve_ledgeradjustment", name="approve"
    ),
    "admin:payments_creditaccount_issue": both("payments.add_creditgrant"),
    "admin:payments_creditaccount_do": sent("payments.add_creditgrant"),
    "admin:payments_creditgrant_decide": sent("payments.approve_credit", name="approve"),
    "admin:payments_paymentexception_take": sent("payments.change_paymentexception"),
    "admin:payments_paymentexception_hand_over": sent("payments.change_paymentexception"),
    "admin:payments_paymentexception_do": both("payments.change_paymentexception", act="note"),
    "admin:payments_ledgertransaction_order": both("payments.view_ledgertransaction"),
    "admin:payments_ledgeraccount_balances": both("payments.view_ledgeraccount"),
    "admin:payments_ledgeraccount_journal": both("payments.view_ledgeraccount"),
    "admin:payments_refund_do": sent("payments.change_refund"),
    "admin:payments_paymentproof_file": both("payments.view_paymentproof"),
    "admin:payments_proof_take": sent("payments.change_refund"),
    "admin:payments_seller": both("payments.view_sellerpayout"),
    "admin:payments_seller_file": both("payments.view_sellerpayout"),
    "admin:payments_seller_do": sent("payments.add_sellerpayout", name="payout"),
    "admin:payments_gatewaytransaction_reconciliation": both("payments.view_gatewaytransaction"),
    "admin:payments_webhookevent_replay": sent("payments.change_webhookevent"),
    "admin:payments_webhookevent_dry_run": sent("payments.change_webhookevent"),
}
KINDS = {
    "changelist": ("view", "change"),
    "change": ("view", "change"),
    "add": ("add",),
    "delete": ("delete",),
}
# Django's own addresses that lead on to others, and the one that ends the session.
NO_PAGES = {"admin:", "admin:logout"}


def make_person(who: str) -> User | None:
    match who:
        case "nobody":
            return None
        case "customer":
            return make_user()
        case "owner":
            return make_owner()
    return make_user(roles=[who], is_staff=True)


def rights_of(who: str) -> frozenset[str]:
    return RIGHTS.get(Role(who), frozenset()) if who in Role else frozenset()


def may(who: str, rights: str) -> bool:
    """By the table alone, without asking the shop."""
    if rights == DOOR:
        return who != "customer"
    if who in ("nobody", "customer"):
        return False
    return who == "owner" or rights == STAFF or bool(set(rights.split()) & rights_of(who))


def admin_routes() -> list[Route]:
    return [route for route in all_routes() if route.is_admin and route.name not in NO_PAGES]


def judged(answer: Any) -> str:
    """`in`, `out` or `no form`, or what it should never be."""
    status = HTTPStatus(answer.status_code)
    if status == HTTPStatus.FOUND and "/admin/login/" in answer.headers["Location"]:
        return "out"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "no form"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"fell over: {status}"
    return "out" if status == HTTPStatus.FORBIDDEN else "in"


def asked(client: Client, method: str, path: str) -> str:
    """Nothing that a request did is left behind."""
    with transaction.atomic():
        answer = judged(client.generic(method, path))
        transaction.set_rollback(True)
    return answer


def test_every_page_of_the_admin_has_a_row() -> None:
    named = {route.name for route in admin_routes()}
    assert {name for name in named if not STANDARD.match(name)} <= set(PAGES)
    assert set(PAGES) <= named


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_in_is_what_the_table_says(who: str) -> None:
    client = Client(raise_request_exception=False)
    person = make_person(who)
    if person:
        client.force_login(person)
    product = make_product()
    found, expected = {}, {}
    for route in admin_routes():
        page = PAGES.get(route.name)
        if page is None:
            continue
        path = route.path(product_id=product.pk, **page.given)
        for method, rights in (("GET", page.read), ("POST", page.write)):
            found[method, route.name] = asked(client, method, path)
            is_in = may(who, rights) if rights else False
            expected[method, route.name] = "in" if is_in else "out"
            if not rights and found[method, route.name] == "no form":
                expected[method, route.name] = "no form"
    assert found == expected


@pytest.mark.parametrize("who", ["nobody", "customer", *Role])
def test_a_model_is_seen_and_changed_by_whom_the_table_names(who: str) -> None:
    """Many models are written by operations only: there it is enough that nobody has more."""
    person = make_person(who)
    client = Client(raise_request_exception=False)
    request = RequestFactory().get("/")
    if person:
        client.force_login(person)
        request.user = person
    by_name = {
        (model._meta.app_label, str(model._meta.model_name)): pages
        for model, pages in admin.site._registry.items()
    }
    wrong = {}
    for route in admin_routes():
        parts = None if route.name in PAGES else STANDARD.match(route.name)
        if parts is None:
            continue
        app, model, kind = parts.groups()
        pages = by_name[app, model]
        # Of what is not there Django says so before it asks for the right to its history.
        rights = STAFF if kind == "history" else f"{app}.{KINDS[kind][0]}_{model}"
        allowed = may(who, STAFF) and (kind == "history" or _allows(pages, request, KINDS[kind]))
        within = may(who, rights)
        answer = asked(client, "GET", route.path())
        if answer == "no form":
            continue
        if answer != ("in" if allowed else "out") or (allowed and not within):
            wrong[route.name] = (answer, allowed, within)
    assert wrong == {}


def _allows(pages: Any, request: Any, kinds: tuple[str, ...]) -> bool:
    return any(getattr(pages, f"has_{kind}_permission")(request) for kind in kinds)
