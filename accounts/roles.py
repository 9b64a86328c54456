"""Who of the staff may do what: a table. A role grants rights of Django's own names.

What a role may do is decided here and takes effect with the release that changes it; nothing of it
is stored but the roles that people have. Whoever has none of them and is no owner is a customer.
"""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from shop.core.errors import DomainError

_READ = ("view",)
_WRITE = ("view", "add", "change", "delete")


def _rights(app: str, models: str, kinds: Iterable[str] = _READ) -> frozenset[str]:
    return frozenset(f"{app}.{kind}_{model}" for model in models.split() for kind in kinds)


_GOODS = "product variant productimage stockitem category option optionvalue attribute"
_GOODS_AROUND = "attributevalue sizeguide bulkchange importrun"
_SHOP_WINDOW = "synonym searchmiss productredirect categoryredirect stockalert"
_SHIPPING = "shippingzone shippingrate courierservice courierarea region"
_BOOKS = "ledgeraccount ledgertransaction ledgeradjustment bankstatement couriersettlement"
_BOOKS_OF_GATEWAYS = "gatewayreport gatewaytransaction sellerpayout creditgrant"
_MONEY_OF_AN_ORDER = "paymentattempt paymentreceipt paymentexception refund paymentproof"

_SELLS = _rights("catalog", _GOODS) | _rights("orders", "order promotion promotionuse review")
_SEES_MONEY = _rights("payments", f"{_MONEY_OF_AN_ORDER} creditaccount")
_APPROVES = frozenset({"payments.approve_refund", "payments.approve_credit"})

RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.MANAGER: _SELLS
    | _SEES_MONEY
    | _APPROVES
    | _rights("catalog", f"{_GOODS} {_GOODS_AROUND} {_SHOP_WINDOW} seller location", _WRITE)
    | _rights("orders", f"order promotion review taxrate {_SHIPPING}", _WRITE)
    | _rights("orders", "promotionuse")
    | _rights("payments", "paymentexception refund creditgrant paymentproof", _WRITE)
    | _rights("payments", f"{_BOOKS} {_BOOKS_OF_GATEWAYS} refusedwebhook")
    | _rights("payments", "webhookevent", ("view", "change"))
    | _rights("accounts", "user", ("view", "add", "change"))
    | {"orders.exceed_open_orders"},
    Role.PACKER: _rights("orders", "order")
    | _rights("catalog", "product variant stockitem location")
    | {"orders.pack_order"},
    Role.SUPPORT: _SELLS
    | _SEES_MONEY
    | _rights("orders", "order", ("add", "change"))
    | _rights("orders", "review", ("change",))
    | _rights("catalog", "stockalert location")
    | _rights("orders", _SHIPPING)
    | _rights("payments", "paymentexception creditgrant", ("view", "add", "change"))
    | _rights("accounts", "user", ("view", "add", "change")),
    Role.FINANCE: _SELLS
    | _SEES_MONEY
    | _APPROVES
    | _rights("catalog", "seller location")
    | _rights("orders", "taxrate", _WRITE)
    | _rights("payments", "paymentexception refund paymentproof", _WRITE)
    | _rights("payments", f"{_BOOKS} {_BOOKS_OF_GATEWAYS} sellerterms", _WRITE)
    | _rights("payments", "webhookevent refusedwebhook")
    | {"payments.approve_ledgeradjustment"}
    | _rights("accounts", "user"),
}


class NotAnOwner(DomainError):
    code = "not_an_owner"
    status = 403
    message = _("Only an owner decides who may do what.")


class LastOwner(DomainError):
    code = "last_owner"
    status = 409
    message = _("The shop would be left without an owner. Make somebody else an owner first.")


def rights_of(user: User | AnonymousUser) -> frozenset[str]:
    """What the roles of an active colleague grant; of an owner nothing, who may do all."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    granted = (RIGHTS.get(Role(name), frozenset()) for name in user.roles if name in Role)
    return frozenset().union(*granted)


def roles_with(right: str) -> list[Role]:
    return [role for role, rights in RIGHTS.items() if right in rights]


@transaction.atomic
def employ(
    *, user: User, roles: Iterable[Role], is_owner: bool, by: User, is_active: bool | None = None
) -> User:
    """The account has just these roles from now on; without one it is a customer's.

    `is_active`: None leaves it as it is.

    Raises NotAnOwner, LastOwner; then nothing has changed.
    """
    # All owners, in one order: of two who dismiss each other at once the second is refused.
    owners = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    left = set(owners.select_for_update(no_key=True).values_list("pk", flat=True))
    if by.pk not in left:
        raise NotAnOwner
    if not (is_owner and is_active is not False) and left == {user.pk}:
        raise LastOwner
    now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    user.roles = sorted(set(roles))
    user.is_superuser = is_owner
    user.is_staff = is_owner or bool(user.roles)
    user.is_active = now.is_active if is_active is None else is_active
    user.save(update_fields=["roles", "is_superuser", "is_staff", "is_active"])
    return user
