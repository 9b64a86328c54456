"""Who looks after an exception: one person at a time."""

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import roles_with
from payments.desk.steps import Kind, MovedOn, lock_alone, record_step
from payments.models import PaymentException
from shop.core.errors import DomainError


class TakenAlready(DomainError):
    code = "exception_taken"
    message = _("{owner} has taken this on already. Ask them to hand it over.")

    def __init__(self, owner: str) -> None:
        super().__init__("taken already", owner=owner)


class ResolvedAlready(DomainError):
    code = "exception_resolved"
    message = _("This is resolved: open it again first.")


class NotAColleague(DomainError):
    code = "not_a_colleague"
    status = 422
    message = _("Choose a colleague who works in the shop and may look after exceptions.")


@transaction.atomic
def take_exception(*, exception_id: int, user_id: int) -> bool:
    """Of two at once one gets it: one conditional statement.

    Returns whether this call did it; whose it is already changes nothing. Raises TakenAlready,
    ResolvedAlready, MovedOn.
    """
    free = PaymentException.objects.filter(pk=exception_id, owner=None, resolved_at=None)
    if not free.update(owner=user_id):
        exception = PaymentException.objects.select_related("owner").get(pk=exception_id)
        if exception.owner_id == user_id:
            return False
        if exception.resolved_at is not None:
            raise ResolvedAlready
        if exception.owner is None:
            raise MovedOn
        raise TakenAlready(exception.owner.email)
    record_step(PaymentException.objects.get(pk=exception_id), Kind.TAKEN, user_id=user_id)
    return True


@transaction.atomic
def hand_over_exception(*, exception_id: int, to_id: int | None, user_id: int) -> bool:
    """To a colleague, or to nobody; whoever owns it now. Returns whether this changed anything.

    Raises ResolvedAlready, NotAColleague; then nothing has changed.
    """
    exception = lock_alone(exception_id)
    if exception.resolved_at is not None:
        raise ResolvedAlready
    if exception.owner_id == to_id:
        return False
    colleague = None if to_id is None else _colleague(to_id)
    exception.owner = colleague
    exception.save(update_fields=["owner"])
    if colleague is None:
        record_step(exception, Kind.LET_GO, user_id=user_id)
    else:
        record_step(exception, Kind.HANDED_OVER, user_id=user_id, to=colleague.pk)
    return True


def colleagues() -> list[User]:
    """Who may look after exceptions, by name. One query."""
    right = {"codename": "change_paymentexception", "content_type__app_label": "payments"}
    rights = Permission.objects.filter(**right)
    by_role = Q(roles__overlap=roles_with("payments.change_paymentexception"))
    may = Q(is_superuser=True) | Q(user_permissions__in=rights) | by_role
    staff = User.objects.filter(may, is_staff=True, is_active=True)
    return list(staff.distinct().order_by("email"))


def _colleague(user_id: int) -> User:
    for each in colleagues():
        if each.pk == user_id:
            return each
    raise NotAColleague
