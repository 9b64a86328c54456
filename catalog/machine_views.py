"""Pages for programs: sitemap, robots, product feed."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from catalog import sitemaps
from catalog.caching import CACHE_CONTROL
from catalog.feed_copies import BeingMade, copy_or_new
from catalog.product_feed import write_feed
from shop.core.xml import XmlWriter

View = Callable[..., HttpResponseBase]
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XML = "application/xml; charset=utf-8"
RETRY_SECONDS = 30
XHTML = "http://www.w3.org/1999/xhtml"
# Nothing of theirs is a way to buy.
HIDDEN = [
    *("/admin/", "/api/", "/account/", "/cart/", "/checkout/", "/pay/", "/orders/", "/search/"),
    "/track/",
]


def for_an_hour(view: View) -> View:
    """They are dear to make and read once a day."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, public=True, max_age=3600)
        return response

    return require_safe(answer)


@for_an_hour
def robots(request: HttpRequest) -> HttpResponse:
    hidden = [
        f"Disallow: {prefix}{path}"
        for path in HIDDEN
        for prefix in ("", *(f"/{code}" for code, _ in settings.LANGUAGES[1:]))
    ]
    address = settings.PUBLIC_URL + reverse("sitemap")
    lines = ["User-agent: *", *hidden, "", f"Sitemap: {address}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@for_an_hour
def sitemap(request: HttpRequest) -> StreamingHttpResponse:
    """The index of all files."""
    paths = [
        reverse("sitemap_pages"),
        *(reverse("sitemap_products", args=[part]) for part in sitemaps.product_parts()),
    ]

    def write(xml: XmlWriter) -> Iterator[None]:
        xml.open("sitemapindex", {"xmlns": SITEMAP})
        for path in paths:
            xml.open("sitemap")
            xml.element("loc", settings.PUBLIC_URL + path)
            xml.close("sitemap")
        xml.close("sitemapindex")
        yield

    return _stream(write)


@for_an_hour
def sitemap_pages(request: HttpRequest) -> StreamingHttpResponse:
    return _stream(lambda xml: _urls(xml, sitemaps.pages()))


@for_an_hour
def sitemap_products(request: HttpRequest, part: int) -> StreamingHttpResponse:
    if part not in sitemaps.product_parts():
        raise Http404
    return _stream(lambda xml: _urls(xml, sitemaps.products(part)))


@require_safe
def product_feed(request: HttpRequest, language: str, part: int) -> HttpResponseBase:
    """One copy for all, whatever the query."""
    if language not in dict(settings.LANGUAGES) or part not in sitemaps.product_parts():
        raise Http404

    def make() -> Iterator[bytes]:
        return _pieces(lambda xml: write_feed(xml, language=language, part=part))

    try:
        pieces = copy_or_new(f"{language}:{part}", make)
    except BeingMade:
        busy = HttpResponse(status=503, headers={"Retry-After": str(RETRY_SECONDS)})
        busy.headers["Cache-Control"] = "no-store"
        return busy
    response = StreamingHttpResponse(pieces, content_type=XML)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _urls(xml: XmlWriter, entries: Iterable[sitemaps.Entry]) -> Iterator[None]:
    xml.open("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for entry in entries:
        for address in entry.addresses.values():
            xml.open("url")
            xml.element("loc", address)
            if entry.changed_at:
                xml.element("lastmod", entry.changed_at.isoformat(timespec="seconds"))
            for language, other in entry.addresses.items():
                link = {"rel": "alternate", "hreflang": language, "href": other}
                xml.open("xhtml:link", link)
                xml.close("xhtml:link")
            xml.close("url")
        yield
    xml.close("urlset")
    yield


def _stream(write: Callable[[XmlWriter], Iterator[None]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(_pieces(write), content_type=XML)


def _pieces(write: Callable[[XmlWriter], Iterator[None]]) -> Iterator[bytes]:
    """Sent as it is written: a file of thousands of products is never whole in memory."""
    xml = XmlWriter()
    for _ in write(xml):
        if xml.size() > 16_384:
            yield xml.take()
    yield xml.take()
