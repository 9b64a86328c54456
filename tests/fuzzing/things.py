"""Two customers, a guest and a colleague, and what there is of theirs to be asked for."""

from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.links import LinkKind, link_token, registration_token
from accounts.models import Device, User
from accounts.tests.builders import make_owner, make_user
from accounts.tokens import begin
from catalog.models import Variant, Wishlist
from catalog.tests.builders import make_product, make_variant
from orders.models import Order
from orders.tests.builders import make_cart, make_order
from orders.tests.life.builders import ask_return, delivered
from orders.tests.promotions.builders import make_coupon
from orders.tests.queueing import wait
from orders.tests.reviews.builders import make_review, make_shirt

Json = dict[str, Any]
# Operations that end a sign-in are given one that nobody needs afterwards.
SPARES = 300
SIGN_INS = 20
PASSWORD = "hujan di bulan juni sore"


@transaction.atomic
def people() -> Json:
    siti, budi = make_user(_email()), make_user(_email())
    # Made once: hashing is slow on purpose.
    hashed = make_user(_email(), password=PASSWORD).password
    coupon = f"HALO{uuid4().hex[:8]}".upper()
    make_coupon(coupon)
    spares = [_spare() for _number in range(SPARES)]
    return {
        "customer": {"bearer": _token(siti), "has": _things(siti)},
        "guest": {"bearer": "", "has": _things(None)},
        "other": {"bearer": _token(budi)},
        "staff": {"bearer": _token(make_owner(email=_email()))},
        "spares": spares,
        "password": PASSWORD,
        "emails": [_with(hashed).email for _number in range(SIGN_INS)],
        "coupon": coupon,
        "changing": [_token(_with(hashed)) for _number in range(SIGN_INS)],
        "registrations": [
            registration_token(email=_email(), language="id") for _number in range(SIGN_INS)
        ],
        "resets": [link_token(_with(hashed), LinkKind.RESET) for _number in range(SIGN_INS)],
    }


def _things(user: User | None) -> Json:
    """By the parameter of a path, `token` by what comes before it."""
    shirt = make_shirt(f"Kemeja {uuid4().hex[:8]}")
    other = make_shirt(f"Kemeja {uuid4().hex[:8]}")
    order = delivered({shirt: 2, other: 1})
    Order.objects.filter(pk=order.pk).update(customer=user)
    wanted = make_variant(product=make_product(f"Kemeja {uuid4().hex[:6]}"), on_hand=1)
    make_order(lines={wanted: 1})
    cart, wishlist = make_cart({shirt: 1}), Wishlist.objects.create()
    if user is not None:
        cart.customer = wishlist.customer = user
        cart.save(update_fields=["customer"])
        wishlist.save(update_fields=["customer"])
    return {
        "carts": cart.token,
        "wishlists": wishlist.token,
        "waiting": wait(wanted, person=uuid4().int % 10**12).token,
        "number": order.number,
        "order_token": order.token,
        "variant": shirt.public_id,
        "slug": _slug(shirt),
        "goods_return": ask_return(order).public_id,
        "review": make_review(shirt, order=order).public_id,
        "wanted": wanted.public_id,
        "position": 1,
        "to_review": {"variant": other.public_id, "slug": _slug(other)},
        "others": {"review": make_review(shirt).public_id},
        "to_cancel": _unpaid(user, shirt),
        "to_pay": _unpaid(user, shirt),
    }


def _with(hashed: str) -> User:
    user = make_user(_email())
    user.password = hashed
    user.save(update_fields=["password"])
    return user


def _slug(shirt: Variant) -> str:
    return str(shirt.product.translations.get(language="id").slug)


def _unpaid(user: User | None, shirt: Variant) -> Json:
    order = make_order(lines={shirt: 1})
    Order.objects.filter(pk=order.pk).update(customer=user)
    return {"number": order.number, "order_token": order.token}


def _spare() -> Json:
    pair = begin(user=make_user(_email()), device_name="Spare")
    device = Device.objects.latest("pk").public_id
    return {"access": pair.access, "refresh": pair.refresh, "device": device}


def _token(user: User) -> str:
    return begin(user=user, device_name="Pixel 9").access


def _email() -> str:
    return f"{uuid4().hex[:12]}@example.com"
