"""Rights by role, beside those that an owner has given to one person."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.roles import rights_of


class RoleBackend(ModelBackend):
    """Django's own, with roles in the place of groups."""

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set() if obj is not None else set(rights_of(user_obj))
