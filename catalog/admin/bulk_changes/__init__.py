from catalog.admin.bulk_changes.pages import BulkChangeAdmin, bulk_change_action

__all__ = ["BulkChangeAdmin", "bulk_change_action"]
