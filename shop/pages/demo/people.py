from django.db import transaction
from django.utils import timezone

from accounts.models import CodeApp, User
from shop.core.sealed import CannotUnseal, seal, unseal

STAFF_EMAIL = "staff@example.com"
CUSTOMER_EMAIL = "customer@example.com"


def load_staff(password: str) -> bool:
    """One who may do everything, with that password; returns whether anything changed."""
    if not User.objects.filter(email=STAFF_EMAIL).exists():
        User.objects.create_superuser(STAFF_EMAIL, password, full_name="Staf RONA")
        return True
    return _set_password(STAFF_EMAIL, password)


@transaction.atomic
def load_staff_factor(secret: str) -> bool:
    """The staff's codes are made from it; returns whether anything changed."""
    staff = User.objects.select_for_update().get(email=STAFF_EMAIL)
    app = CodeApp.objects.of(staff).first()
    if app and _is_sealed(bytes(app.sealed_secret), secret):
        return False
    kept = {"sealed_secret": seal({"secret": secret}), "last_step": 0}
    CodeApp.objects.update_or_create(user=staff, defaults=kept)
    staff.factor_since = timezone.now()
    staff.save(update_fields=["factor_since"])
    return True


def _is_sealed(sealed: bytes, secret: str) -> bool:
    try:
        return unseal(sealed)["secret"] == secret
    except CannotUnseal:
        return False


def load_customer(password: str) -> bool:
    """Somebody with an account and no rights; returns whether anything changed."""
    if not User.objects.filter(email=CUSTOMER_EMAIL).exists():
        User.objects.create_user(CUSTOMER_EMAIL, password, full_name="Siti Aminah")
        return True
    return _set_password(CUSTOMER_EMAIL, password)


def _set_password(email: str, password: str) -> bool:
    user = User.objects.get(email=email)
    if user.check_password(password):
        return False
    user.set_password(password)
    user.save(update_fields=["password"])
    return True
