"""Codes of options and attributes: each is a parameter in addresses of the shop."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog.parameters import is_reserved


def refuse_code(code: str, *, beside: str) -> None:
    """Raises ValidationError where addresses use the code for something else.

    `beside`: the model whose rows share them, Option or Attribute.
    """
    if is_reserved(code):
        text = _("Addresses of the shop use “%(code)s” for something else. Choose another code.")
        raise ValidationError({"code": ValidationError(text, "reserved", {"code": code})})
    if apps.get_model("catalog", beside)._default_manager.filter(code=code).exists():
        text = _("An option and an attribute cannot both be “%(code)s”. Choose another code.")
        raise ValidationError({"code": ValidationError(text, "taken", {"code": code})})
