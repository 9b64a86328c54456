"""Signing in, and what is whose."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Device, User
from accounts.tests.builders import PASSWORD, code_of, make_factor, make_user, wrong_code
from accounts.tokens import begin
from catalog.models import Variant
from catalog.tests.builders import make_product, make_variant
from orders.models import Cart, Order
from orders.tests.builders import make_cart, make_order
from payments.tests.simulated import Simulator
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.core.models import IdempotencyRecord

pytestmark = pytest.mark.django_db


class SignedIn(App):
    """The app of somebody who is signed in."""

    def __init__(self, user: User, device_name: str = "Pixel 9") -> None:
        super().__init__()
        self.user = user
        self.tokens = begin(user=user, device_name=device_name)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        bearer = {"authorization": f"Bearer {self.tokens.access}"}
        return super().send(method, path, body, **bearer | headers)


LOGIN = {"email": "Siti@example.com", "password": PASSWORD, "device_name": "Pixel 9"}


def test_a_phone_signs_in_is_listed_renews_and_signs_out() -> None:
    siti = make_user("siti@example.com", password=PASSWORD, full_name="Siti")
    app = App()
    first = answer_of(app.post("/auth/login", LOGIN), 200)
    assert set(first) == {"access_token", "refresh_token", "token_type", "expires_in"}
    kept = str(Device.objects.values().get())
    assert first["access_token"] not in kept
    assert first["refresh_token"][22:] not in kept
    assert first["refresh_token"][:22] not in kept

    bearer = {"authorization": f"Bearer {first['access_token']}"}
    me = answer_of(app.get("/me", **bearer), 200)
    assert (me["email"], me["id"]) == ("siti@example.com", str(siti.public_id))
    [device] = answer_of(app.get("/me/devices", **bearer), 200)["results"]
    assert (device["name"], device["is_current"]) == ("Pixel 9", True)

    second = answer_of(app.post("/auth/refresh", {"refresh_token": first["refresh_token"]}), 200)
    refused = app.get("/me", **bearer)
    problem_of(refused, 401, "invalid_token")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'

    bearer = {"authorization": f"bearer {second['access_token']}"}
    assert app.post("/auth/logout", **bearer).status_code == 204
    problem_of(app.get("/me", **bearer), 401, "invalid_token")
    body = {"refresh_token": second["refresh_token"]}
    problem_of(app.post("/auth/refresh", body), 401, "invalid_refresh_token")


def test_an_address_without_an_account_answers_as_a_wrong_password() -> None:
    make_user("siti@example.com", password=PASSWORD)
    app = App()
    wrong = app.post("/auth/login", LOGIN | {"password": "not the one she has"})
    unknown = app.post("/auth/login", LOGIN | {"email": "nobody@example.com"})
    problem_of(wrong, 422, "wrong_sign_in")
    assert wrong.content == unknown.content
    for _try in range(7):
        app.post("/auth/login", LOGIN | {"password": "not the one she has"})
    throttled = app.post("/auth/login", LOGIN)
    problem_of(throttled, 429, "too_many_sign_ins")
    assert int(throttled.headers["Retry-After"]) > 0
    assert not Device.objects.exists()


def test_who_has_a_second_factor_sends_a_code_along_and_it_is_good_once() -> None:
    siti = make_user("siti@example.com", password=PASSWORD)
    assert App().post("/auth/login", LOGIN | {"code": "000000"}).status_code == 200
    Device.objects.all().delete()
    app, secret = App(), make_factor(siti)
    with_code = LOGIN | {"code": code_of(secret)}

    problem_of(app.post("/auth/login", LOGIN), 403, "second_factor_needed")
    # Only who has the password learns that there is one.
    wrong = with_code | {"password": "not the one she has"}
    problem_of(app.post("/auth/login", wrong), 422, "wrong_sign_in")
    guess = LOGIN | {"code": wrong_code(secret)}
    problem_of(app.post("/auth/login", guess), 422, "wrong_code")
    assert not Device.objects.exists()

    answer_of(app.post("/auth/login", with_code), 200)

    problem_of(app.post("/auth/login", with_code), 422, "wrong_code")
    assert Device.objects.get().user == siti


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic c2l0aTpw", "Bearer é\x7f", "x"]
)
def test_a_bad_token_is_never_taken_for_a_guest(header: str) -> None:
    cart = make_cart({})
    for path in (f"/carts/{cart.token}", "/orders/R7K4-9MQX", "/regions"):
        problem_of(App().get(path, authorization=header), 401, "invalid_token")


def test_where_one_must_be_signed_in_it_is_said() -> None:
    for path in ("/me", "/me/devices", "/orders"):
        refused = App("en").get(path)
        assert problem_of(refused, 401, "sign_in_required")["detail"] == "Please sign in first."
        assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_with_its_time_the_password_and_the_account() -> None:
    for end in ("time", "password", "account"):
        user = make_user()
        app = SignedIn(user)
        answer_of(app.get("/me"), 200)
        match end:
            case "time":
                Device.objects.filter(user=user).update(access_until=timezone.now())
            case "password":
                user.set_password("another long password")
                user.save()
            case "account":
                User.objects.filter(pk=user.pk).update(is_active=False)
        problem_of(app.get("/me"), 401, "invalid_token")
        body = {"refresh_token": app.tokens.refresh}
        expected = 200 if end == "time" else 401
        assert App().post("/auth/refresh", body).status_code == expected


def test_one_account_sees_and_ends_only_its_own_devices() -> None:
    siti, budi = make_user(), make_user()
    phone, tablet, other = SignedIn(siti), SignedIn(siti, "Tab"), SignedIn(budi)
    foreign = Device.objects.get(user=budi).public_id
    absent = phone.delete(f"/me/devices/{uuid4()}")
    assert phone.delete(f"/me/devices/{foreign}").content == absent.content
    problem_of(absent, 404, "device_not_found")
    answer_of(other.get("/me"), 200)

    assert phone.delete("/me/devices").status_code == 204
    problem_of(tablet.get("/me"), 401, "invalid_token")
    [left] = answer_of(phone.get("/me/devices"), 200)["results"]
    assert phone.delete(f"/me/devices/{left['id']}").status_code == 204
    problem_of(phone.get("/me"), 401, "invalid_token")
    answer_of(other.get("/me"), 200)


def test_the_account_is_changed_and_nothing_else_of_it() -> None:
    app = SignedIn(make_user("siti@example.com"))
    changed = answer_of(app.send("PATCH", "/me", {"full_name": "Siti A.", "language": "en"}), 200)
    assert (changed["full_name"], changed["language"]) == ("Siti A.", "en")
    for body in ({"email": "x@example.com"}, {"is_staff": True}, changed):
        problem_of(app.send("PATCH", "/me", body), 400, "unknown_field")
    siti = User.objects.get()
    assert (siti.email, siti.is_staff, siti.full_name) == ("siti@example.com", False, "Siti A.")


def order_of(app: SignedIn, variant: Variant) -> Json:
    """What is placed from the cart of the account."""
    return answer_of(app.place(app.order_body(app.filled_cart(variant))), 201)


@pytest.mark.django_db(transaction=True)
def test_an_order_belongs_to_who_is_signed_in(gateway_up: Simulator) -> None:
    variant = make_variant()
    siti, budi = SignedIn(make_user()), SignedIn(make_user())
    placed = order_of(siti, variant)
    assert Order.objects.get().customer == siti.user

    path = f"/orders/{placed['number']}"
    answer_of(siti.get(path), 200)
    answer_of(App().get(path, x_order_token=placed["token"]), 200)
    absent = budi.get("/orders/R7K4-9MQX")
    problem_of(absent, 404, "order_not_found")
    for app in (budi, App()):
        assert app.get(path).content == absent.content
        assert app.post(f"{path}/cancel").content == absent.content
        assert app.post(f"{path}/payments", {"method": "dana"}).content == absent.content
    assert Order.objects.get().status == "pending"
    [card] = answer_of(siti.get("/orders"), 200)["results"]
    assert card["number"] == placed["number"]
    assert answer_of(budi.get("/orders"), 200) == {"results": [], "next": None}


@pytest.mark.django_db(transaction=True)
def test_a_key_is_its_users_own(gateway_up: Simulator) -> None:
    variant = make_variant()
    siti, budi = SignedIn(make_user()), SignedIn(make_user())
    body = siti.order_body(siti.filled_cart(variant))
    key = str(uuid4())
    first = siti.place(body, key=key)
    assert siti.place(body, key=key).content == first.content
    for stranger in (budi, App()):
        problem_of(stranger.place(body, key=key), 404, "cart_not_found")
    assert Order.objects.count() == 1
    assert IdempotencyRecord.objects.count() == 1


def own_order(user: User, variant: Variant) -> str:
    order = make_order(lines={variant: 1})
    Order.objects.filter(pk=order.pk).update(customer=user)
    return order.number


def test_orders_are_listed_page_by_page(django_assert_num_queries: Any) -> None:
    variant = make_variant()
    siti, budi = make_user(), make_user()
    numbers = [own_order(siti, variant) for _number in range(2)]
    own_order(budi, variant)
    app = SignedIn(siti)
    with django_assert_num_queries(3):
        page = answer_of(app.get("/orders?page_size=1"), 200)
    query = page["next"].partition("?")[2]
    rest = answer_of(app.get(f"/orders?{query}"), 200)
    found = [each["number"] for each in page["results"] + rest["results"]]
    assert (found, rest["next"]) == (numbers[::-1], None)
    problem_of(SignedIn(budi).get(f"/orders?{query}"), 400, "invalid_cursor")
    problem_of(app.get("/orders?status=x"), 400, "unknown_field")


def test_a_cart_goes_along_at_sign_in_and_is_the_accounts() -> None:
    mug, bowl = make_variant(), make_variant(product=make_product("Mangkuk"))
    siti, budi = SignedIn(make_user()), SignedIn(make_user())
    guest = App().filled_cart(mug, 2)
    own = answer_of(siti.post("/carts", {"guest_cart": guest}), 201)["token"]
    assert answer_of(siti.get(f"/carts/{own}"), 200)["item_count"] == 2
    for stranger in (budi, App()):
        problem_of(stranger.get(f"/carts/{own}"), 404, "cart_not_found")
        path = f"/carts/{own}/lines/{mug.public_id}"
        problem_of(stranger.put(path, {"quantity": 1}), 404, "cart_not_found")
        problem_of(stranger.delete(f"/carts/{own}/coupon"), 404, "cart_not_found")

    other = App().filled_cart(bowl)
    body = {"guest_cart": other}
    problem_of(siti.post("/carts", body), 409, "carts_to_choose")
    assert Cart.objects.filter(token=other, customer=None).exists()
    again = answer_of(siti.post("/carts", body | {"choice": "together"}), 201)["token"]
    assert (again, answer_of(siti.get(f"/carts/{own}"), 200)["item_count"]) == (own, 3)
    problem_of(App().post("/carts", body), 401, "sign_in_required")


def test_a_wishlist_of_an_account_is_opened_by_nobody_else() -> None:
    make_variant(product=make_product("Kemeja"))
    siti = SignedIn(make_user())
    token = answer_of(siti.post("/wishlists"), 201)["token"]
    assert answer_of(siti.post("/wishlists"), 201)["token"] == token
    path = f"/wishlists/{token}/products/kemeja"
    assert len(answer_of(siti.put(path, None), 200)["lines"]) == 1
    for stranger in (SignedIn(make_user()), App()):
        problem_of(stranger.get(f"/wishlists/{token}"), 404, "wishlist_not_found")
        problem_of(stranger.put(path, None), 404, "wishlist_not_found")
        problem_of(stranger.delete(path), 404, "wishlist_not_found")
    assert len(answer_of(siti.get(f"/wishlists/{token}"), 200)["lines"]) == 1
