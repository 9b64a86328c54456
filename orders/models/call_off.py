"""Why a paid order is called off before anything of it was sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CallOffReason(models.TextChoices):
    CUSTOMER_ASKED = "customer_asked", _("the customer asked for it")
    NOT_THERE = "not_there", _("the goods are not there")
    DAMAGED = "damaged", _("the goods are damaged")
    UNREACHABLE = "unreachable", _("cannot be delivered to this address")
    OTHER = "other", _("another reason")


# The customer reads that the shop is sorry: it is not their doing.
SHOPS_FAULT = (CallOffReason.NOT_THERE, CallOffReason.DAMAGED)
