"""Goods that came in, for several variants at once; a barcode scanner can fill the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from catalog.admin.finding import with_code
from catalog.admin.form_tokens import Notes, do_once, kept_token, new_token, tell
from catalog.admin.labels import variant_names
from catalog.admin.product_pages import may, user_of
from catalog.admin.wide_forms import admits_many_fields
from catalog.editing.booking import ForeignLocation, receive_goods
from catalog.editing.typed import MOST_UNITS, NotReadable, read_count
from catalog.models import Location, StockItem, Variant
from shop.core.errors import DomainError
from shop.core.idempotency import KeyReused

MOST_ROWS = 1000
MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Line:
    variant_pk: int
    name: str
    sku: str
    text: str
    problem: str


def receiving_url(**chosen: int) -> str:
    """With the rows of one variant, or of all variants of a product."""
    return f"{reverse('admin:catalog_stockitem_receive')}?{urlencode(chosen)}"


@admits_many_fields
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    if not may(request, "change_stockitem"):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, dict.fromkeys(_chosen(request.GET), ""))
    texts = {
        int(pk): str(text)
        for name, text in request.POST.dict().items()
        if (pk := name.removeprefix("units-")) != name and pk.isdecimal() and len(pk) < 19
    }
    if request.POST.get("action") == "add":
        return _show(request, _with_code(request, texts))
    return _save(request, texts)


def _chosen(query: Mapping[str, str]) -> list[int]:
    for name in ("product", "variant"):
        number = query.get(name, "")
        if number.isdecimal() and len(number) < 19:
            field = "product" if name == "product" else "pk"
            rows = Variant.objects.filter(**{field: int(number)}).order_by("position", "pk")
            return list(rows.values_list("pk", flat=True)[:MOST_ROWS])
    return []


def _with_code(request: HttpRequest, texts: dict[int, str]) -> dict[int, str]:
    """One unit more of what was scanned; a code that several variants have shows all of them."""
    code = request.POST.get("code", "").strip()
    found = list(with_code(code).values_list("pk", flat=True)[:MOST_ALIKE]) if code else []
    if not found:
        messages.error(request, _("No variant has the SKU or barcode “%(code)s”.") % {"code": code})
    elif len(found) > 1:
        messages.warning(
            request, _("Several variants have this code: enter the units beside the right one.")
        )
        return {**texts, **{pk: texts.get(pk, "") for pk in found}}
    for pk in found:
        before = texts.get(pk, "").strip()
        texts[pk] = str(int(before) + 1 if before.isdecimal() else 1)
    return texts


def _save(request: HttpRequest, texts: dict[int, str]) -> HttpResponse:
    units, problems = _read(texts)
    place = _place(request)
    if problems or not units or place is None:
        messages.error(
            request, _("Nothing is booked yet: enter the units of at least one variant.")
        )
        return _show(request, texts, problems, status=422)
    try:
        notes = do_once(request, page="receive", work=partial(_book, request, place, units))
    except KeyReused as error:
        text = _(
            "This list was booked before, with other numbers: they stand in the history of its"
            " variants. Nothing of what you see is booked yet. Press the button again to book it"
            " as well."
        )
        return _refuse(request, texts, error, text)
    except DomainError as error:
        return _refuse(request, texts, error, error.user_message)
    tell(request, notes)
    return redirect("admin:catalog_stockitem_changelist")


def _book(request: HttpRequest, place: Location, units: Mapping[int, int]) -> Notes:
    receive_goods(
        location_pk=place.pk,
        units=units,
        reason=request.POST.get("reason", "").strip()[:200],
        actor_id=user_of(request),
    )
    count = sum(units.values())
    text = ngettext("%(count)s unit received.", "%(count)s units received.", count)
    return [(messages.SUCCESS, text % {"count": count})]


def _refuse(
    request: HttpRequest, texts: Mapping[int, str], error: DomainError, text: str
) -> HttpResponse:
    messages.error(request, text)
    foreign = error.variant_pks if isinstance(error, ForeignLocation) else ()
    problems = dict.fromkeys(foreign, _("Belongs to another seller than the location."))
    return _show(request, texts, problems, token=kept_token(request, error), status=error.status)


def _read(texts: Mapping[int, str]) -> tuple[dict[int, int], dict[int, str]]:
    units, problems = {}, {}
    known = set(Variant.objects.filter(pk__in=list(texts)).values_list("pk", flat=True))
    for pk, text in texts.items():
        try:
            count = read_count(text.strip() or "0", most=MOST_UNITS)
        except NotReadable as error:
            problems[pk] = str(error)
        else:
            if count and pk in known:
                units[pk] = count
    return units, problems


def _place(request: HttpRequest) -> Location | None:
    number = request.POST.get("location", "")
    return Location.objects.filter(pk=number).first() if number.isdecimal() else None


def _show(
    request: HttpRequest,
    texts: Mapping[int, str],
    problems: Mapping[int, str] | None = None,
    *,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "opts": StockItem._meta,
        "title": _("Receive goods"),
        "form_token": token or new_token(),
        "lines": _lines(texts, problems or {}),
        "locations": _locations(texts),
        "chosen": request.POST.get("location", ""),
        "reason": request.POST.get("reason", ""),
    }
    return TemplateResponse(request, "admin/catalog/stockitem/receive.html", context, status=status)


def _lines(texts: Mapping[int, str], problems: Mapping[int, str]) -> list[Line]:
    skus = dict(Variant.objects.filter(pk__in=list(texts)).values_list("pk", "sku"))
    names = variant_names(skus)
    return [
        Line(pk, names[pk], skus[pk], text, problems.get(pk, ""))
        for pk, text in texts.items()
        if pk in skus
    ]


def _locations(variant_pks: Iterable[int]) -> list[tuple[str, str]]:
    """Where the goods may lie: the places of their sellers, or all while nothing is chosen."""
    places = Location.objects.select_related("seller").order_by("pk")
    pks = list(variant_pks)
    if pks:
        places = places.filter(seller__products__variants__in=pks).distinct()
    return [(str(place.pk), f"{place.name} ({place.seller.name})") for place in places[:MOST_ROWS]]
