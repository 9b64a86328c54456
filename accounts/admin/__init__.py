"""The staff room: people, and what colleagues may do."""

from accounts.admin.staff import InvitationAdmin
from accounts.admin.users import UserAdmin

__all__ = ["InvitationAdmin", "UserAdmin"]
