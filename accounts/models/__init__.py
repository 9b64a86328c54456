from accounts.models.device import Device
from accounts.models.user import User

__all__ = ["Device", "User"]
