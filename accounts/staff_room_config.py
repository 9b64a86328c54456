from django.contrib.admin.apps import AdminConfig


class StaffRoomConfig(AdminConfig):
    """Django's admin behind a door of ours. In a module of its own: `apps` may have one default."""

    default_site = "accounts.staff_room.StaffRoom"
