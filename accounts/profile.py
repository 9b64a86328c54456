"""What people say of themselves."""

from accounts.models import User


def change_profile(
    *, user: User, full_name: str | None = None, language: str | None = None
) -> User:
    """What is not given stays as it is."""
    given = {"full_name": full_name, "language": language}
    changes = {name: value for name, value in given.items() if value is not None}
    for name, value in changes.items():
        setattr(user, name, value)
    if changes:
        user.save(update_fields=list(changes))
    return user
