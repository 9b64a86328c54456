"""Forms with more fields than any other page may send: 500 variants are some 4,500."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]
MOST_FIELDS = 25_000


def admits_many_fields(view: View) -> View:
    """Read the form with a limit of its own. The shop's limit guards all other addresses.

    The CSRF check reads the form too, so it has to come after: the outer view is exempt from the
    middleware's, and the inner one is checked as ever. Wrap it in `admin_view`, which lets only
    staff come this far. The size of a body stays limited as everywhere.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.content_type == "application/x-www-form-urlencoded":
            request.POST = _read(request)  # type: ignore[assignment]  # the stubs' is never mutable
        return checked(request, *args, **kwargs)

    return answer


def _read(request: HttpRequest) -> QueryDict:
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise SuspiciousOperation("not a form, or too many fields") from error
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data
