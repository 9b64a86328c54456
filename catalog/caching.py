"""How long a catalogue page may be kept: at the edge for a minute, in a browser while unchanged."""

from collections.abc import Callable, Iterable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page

View = Callable[..., HttpResponse]


def cacheable_page(view: View) -> View:
    """The same answer for everybody: public for 60 s at the edge, with an ETag for the browser."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(
            response, public=True, max_age=0, s_maxage=60, stale_while_revalidate=30
        )
        return response

    return conditional_page(answer)


class versions:  # noqa: N801
    @staticmethod
    def bump(names: Iterable[str]) -> None:
        """Replaced when the page cache lands."""
