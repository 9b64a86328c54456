"""What all pages of one product share: who may see it, its head with the tabs, who changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.badges import Shape, badge
from catalog.admin.labels import language
from catalog.catalogue.languages import in_language
from catalog.editing.products import EditedMeanwhile
from catalog.models import Product
from shop.core.templatetags.shop import moment

# The pages of a product: the address's name, and what the tab says.
TABS = {
    "catalog_product_change": _("Details"),
    "catalog_product_variants": _("Variants, prices, stock"),
    "catalog_product_planned": _("Planned prices"),
    "catalog_productimage_page": _("Pictures"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The top of every page of a product. `public_url` is there while customers can see it."""

    product: Product
    page: str
    name: str
    state: SafeString
    tabs: list[Tab]
    may_change: bool
    may_add: bool
    public_url: str

    @property
    def is_readonly(self) -> bool:
        return not self.may_change


def find_product(request: HttpRequest, product_id: int) -> Product:
    """Raises Http404, or PermissionDenied for somebody who may not even look."""
    if not (may(request, "view_product") or may_change(request)):
        raise PermissionDenied
    return get_object_or_404(Product, pk=product_id)


def may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(f"catalog.{permission}")


def may_change(request: HttpRequest) -> bool:
    """Covers what hangs on a product: texts, options, variants, prices, publication; not stock."""
    return may(request, "change_product")


def require_change(request: HttpRequest) -> None:
    if not may_change(request):
        raise PermissionDenied


def page_url(product_pk: int, page: str, *more: str) -> str:
    return reverse(f"admin:catalog_product_{page}", args=[product_pk, *more])


def head_of(request: HttpRequest, product: Product, *, page: str) -> Head:
    """One query."""
    texts = product.translations.order_by("language").values_list("language", "name", "slug")
    names = in_language(((0, code, (name, slug)) for code, name, slug in texts), language())
    name, slug = names.get(0, (str(product), ""))
    at = timezone.now()
    return Head(
        product=product,
        page=page,
        name=name,
        state=publication_badge(product, at=at),
        tabs=[
            Tab(
                str(label),
                reverse(f"admin:{name}", args=[product.pk]),
                is_current=name == f"catalog_product_{page}",
            )
            for name, label in TABS.items()
        ],
        may_change=may_change(request),
        may_add=may(request, "add_product"),
        public_url=reverse("catalog:view_product", args=[slug])
        if slug and product.is_on_sale(at=at)
        else "",
    )


def publication_badge(product: Product, *, at: datetime) -> SafeString:
    if not product.is_published:
        return badge(_("draft"), Shape.OPEN)
    if product.publish_from is not None and product.publish_from > at:
        text = _("from %(moment)s") % {"moment": moment(product.publish_from)}
        return badge(text, Shape.HALF)
    if not product.is_on_sale(at=at):
        return badge(_("no longer published"), Shape.ENDED)
    return badge(_("published"), Shape.DONE)


def render_page(
    request: HttpRequest,
    product: Product,
    *,
    page: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    head = head_of(request, product, page=page)
    return TemplateResponse(
        request,
        f"admin/catalog/product/{page}.html",
        {
            **admin.site.each_context(request),
            "opts": Product._meta,
            "head": head,
            "title": head.name,
            **context,
        },
        status=status,
    )


def log_change(request: HttpRequest, product: Product, message: str) -> None:
    """Who did what, for the history page and for a colleague whose save comes too late."""
    LogEntry.objects.log_actions(
        user_of(request), [product], CHANGE, change_message=message, single_object=True
    )


def user_of(request: HttpRequest) -> int:
    """The colleague at work; `admin_view` has let nobody else in."""
    if request.user.is_anonymous:
        raise PermissionDenied
    return request.user.pk


def changed_by(product: Product, *, since: datetime) -> str:
    """Who saved after that time, as far as the admin's log knows. Empty where it does not."""
    entry = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Product),
            object_id=str(product.pk),
            action_time__gte=since,
        )
        .select_related("user")
        .order_by("-action_time")
        .first()
    )
    if entry is None:
        return ""
    return gettext("%(who)s, %(moment)s: %(what)s.") % {
        "who": str(entry.user),
        "moment": moment(entry.action_time),
        "what": entry.get_change_message(),
    }


def conflict_text(product: Product, *, since: datetime) -> str:
    """For somebody whose save came too late: who was faster, and what to do."""
    sentences = [
        EditedMeanwhile().user_message,
        changed_by(product, since=since),
        how_to_go_on(),
    ]
    return " ".join(filter(None, sentences))


def how_to_go_on() -> str:
    return gettext(
        "Nothing of yours is saved yet. Where the shop has something else now, it stands below"
        " the field. Save again to put yours in its place."
    )


def read_seen(request: HttpRequest) -> datetime:
    """The token of the page that was filled in; one that nobody ever had where it is missing."""
    return read_moment(request.POST.get("seen", "")) or datetime.min.replace(tzinfo=UTC)


def read_moment(text: str) -> datetime | None:
    """A time with its zone, as `isoformat` writes it; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def currency() -> str:
    """Staff edit prices in the shop's own currency."""
    return settings.DEFAULT_CURRENCY
