from itertools import count
from typing import Any

from django.contrib.auth.models import Permission

from accounts.models import User

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
