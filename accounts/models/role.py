from collections.abc import Iterable

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a colleague does in the shop. An owner, who may do all, is a superuser instead."""

    MANAGER = "manager", _("Manager")
    PACKER = "packer", _("Packer")
    SUPPORT = "support", _("Support")
    FINANCE = "finance", _("Finance")


OWNER = "owner"
OWNER_LABEL = _("Shop owner")


def roles_shown(names: Iterable[str], *, is_owner: bool) -> list[str | Promise]:
    """In words, the owner first; what is no role any more is not shown."""
    labels: list[str | Promise] = [OWNER_LABEL] if is_owner else []
    return [*labels, *(Role(name).label for name in names if name in Role)]
