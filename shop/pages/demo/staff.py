from accounts.models import User

STAFF_EMAIL = "staff@example.com"


def load_staff(password: str) -> bool:
    """One who may do everything, with that password; returns whether anything changed."""
    user = User.objects.filter(email=STAFF_EMAIL).first()
    if user is None:
        User.objects.create_superuser(STAFF_EMAIL, password, full_name="Staf RONA")
        return True
    if user.check_password(password):
        return False
    user.set_password(password)
    user.save(update_fields=["password"])
    return True
