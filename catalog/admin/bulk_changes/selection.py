"""Which products a bulk change is about, carried from page to page in a signed form field."""

from collections.abc import Sequence

from django.contrib.admin import AdminSite
from django.contrib.admin.options import IncorrectLookupParameters
from django.core import signing
from django.http import HttpRequest

from catalog.bulk_changes import choose
from catalog.models import Product

_SALT = "catalog.bulk-change"


class NotOurs(Exception):
    """The field was not written by us, or the address asks for no list of products."""


def find_matching(request: HttpRequest, site: AdminSite) -> list[int]:
    """All that the product list shows for the filters and the search of this address.

    Raises TooMany, NotOurs.
    """
    products = site.get_model_admin(Product)
    try:
        return choose(products.get_changelist_instance(request).get_queryset(request))
    except IncorrectLookupParameters as error:
        raise NotOurs from error


def sign(pks: Sequence[int]) -> str:
    return signing.dumps(list(pks), salt=_SALT, compress=True)


def unsign(text: str) -> list[int]:
    """Raises NotOurs."""
    try:
        return list(signing.loads(text, salt=_SALT))
    except signing.BadSignature as error:
        raise NotOurs from error
