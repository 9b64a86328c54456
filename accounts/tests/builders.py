import time
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import CodeApp, User
from accounts.totp import code_at, new_secret
from shop.core.sealed import seal

PASSWORD = "a-long-enough-password"

_numbers = count(1)


def make_user(email: str = "", *, password: str | None = None, **fields: Any) -> User:
    """Without a password unless the test signs in with one: hashing is slow on purpose."""
    return User.objects.create_user(
        email or f"user-{next(_numbers)}@example.com", password, **fields
    )


def make_staff(*permissions: str, **fields: Any) -> User:
    """A colleague who may do just this: `orders.view_order`."""
    user = make_user(is_staff=True, **fields)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def make_owner(**fields: Any) -> User:
    """Whoever runs the shop: may do everything."""
    return make_user(is_staff=True, is_superuser=True, **fields)


def make_factor(user: User) -> str:
    """The user signs in with codes from now on. Returns the secret that they are made from."""
    secret = new_secret()
    CodeApp.objects.create(user=user, sealed_secret=seal({"secret": secret}), last_step=0)
    user.factor_since = timezone.now()
    user.save(update_fields=["factor_since"])
    return secret


def code_of(secret: str) -> str:
    return code_at(secret, at=time.time())


def wrong_code(secret: str) -> str:
    """Six digits that are good neither now nor about now."""
    now = time.time()
    good = {code_at(secret, at=now + 30 * steps) for steps in range(-3, 4)}
    return next(code for code in map(str, range(222_222, 222_230)) if code not in good)
