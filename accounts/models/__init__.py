from accounts.models.device import Device
from accounts.models.export import DataExport
from accounts.models.factor import CodeApp, Passkey, RecoveryCode
from accounts.models.invitation import Invitation, InvitationState
from accounts.models.push import PushTarget
from accounts.models.role import Role
from accounts.models.saved_address import SavedAddress
from accounts.models.session import Session
from accounts.models.user import User

__all__ = [
    "CodeApp",
    "DataExport",
    "Device",
    "Invitation",
    "InvitationState",
    "Passkey",
    "PushTarget",
    "RecoveryCode",
    "Role",
    "SavedAddress",
    "Session",
    "User",
]
