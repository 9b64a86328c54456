"""What every page may know without asking anybody: no query, no cookie, nothing of the visitor."""

from django.conf import settings
from django.http import HttpRequest


def names() -> dict[str, object]:
    return {"SHOP_NAME": settings.SHOP_NAME, "PUBLIC_URL": settings.PUBLIC_URL}


def shop(request: HttpRequest) -> dict[str, object]:
    del request
    return names()
