"""Forms on pages that everybody shares hold no token: the browser says where they come from."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def same_origin_only(view: View) -> View:
    """Refuse a form that another site sends. For the forms on pages too public for a token.

    Every browser says where a POST comes from, in `Sec-Fetch-Site`, in `Origin` or in both; what
    says neither is not a browser that shows our page.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
        if (
            (site is None and origin is None)
            or site not in (None, "same-origin")
            or (origin is not None and origin not in ours)
        ):
            raise PermissionDenied("sent from another site")
        return view(request, *args, **kwargs)

    return guarded
