from accounts.models.device import Device
from accounts.models.invitation import Invitation, InvitationState
from accounts.models.role import Role
from accounts.models.user import User

__all__ = ["Device", "Invitation", "InvitationState", "Role", "User"]
