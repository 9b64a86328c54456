"""Forms with more fields than any other page may send: a row of the table of variants has eight,
and two more for each location. A thousand variants at five locations are 18,000 fields and 0.3 to
0.8 MB, at forty they are 88,000 and 3 MB: that much is taken.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]
MOST_FIELDS = 100_000
MOST_BYTES = 8 * 1024 * 1024


def admits_many_fields(view: View) -> View:
    """Read the form with limits of its own. The shop's limits guard all other addresses.

    The CSRF check reads the form too, so it has to come after: the outer view is exempt from the
    middleware's, and the inner one is checked as ever. Wrap it in `admin_view`, which lets only
    staff come this far.
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
    # Not `request.body`, which has the shop's limit for all others.
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise SuspiciousOperation("too large a form")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise SuspiciousOperation("not a form, or too many fields") from error
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    return data
