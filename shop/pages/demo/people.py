from accounts.models import User

STAFF_EMAIL = "staff@example.com"
CUSTOMER_EMAIL = "customer@example.com"


def load_staff(password: str) -> bool:
    """One who may do everything, with that password; returns whether anything changed."""
    if not User.objects.filter(email=STAFF_EMAIL).exists():
        User.objects.create_superuser(STAFF_EMAIL, password, full_name="Staf RONA")
        return True
    return _set_password(STAFF_EMAIL, password)


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
