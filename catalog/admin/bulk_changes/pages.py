"""The pages of bulk changes: choose, look, do; and the list of what was done, with undo."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.bulk_changes.draft import Draft, new_draft, read_draft
from catalog.admin.bulk_changes.rows import show_lines
from catalog.admin.bulk_changes.selection import NotOurs, find_matching
from catalog.admin.bulk_changes.totals import totals
from catalog.admin.labels import product_names
from catalog.admin.product_pages import may
from catalog.bulk_changes import (
    Line,
    PlanChanged,
    apply_change,
    changes_stock,
    choose,
    count_variants,
    lines_of,
    plan_change,
    plan_undo,
    undo_change,
    undo_id,
)
from catalog.models import BulkChange, Product
from shop.core.admin import ModelAdmin, RecordPageAdmin
from shop.core.errors import DomainError
from shop.core.templatetags.shop import moment

PER_PAGE = 100
PRODUCTS = "admin:catalog_product_changelist"
TEMPLATES = "admin/catalog/bulkchange"


@admin.action(description=_("Change prices, stock, publication…"), permissions=["change"])
def bulk_change_action(
    modeladmin: ModelAdmin[Product], request: HttpRequest, queryset: QuerySet[Product]
) -> HttpResponse | None:
    """For the list of products: goes on to the form with what is ticked there."""
    pages = modeladmin.admin_site.get_model_admin(BulkChange)
    if not isinstance(pages, BulkChangeAdmin):
        raise TypeError("another site's pages")
    return pages.start(request, queryset)


@admin.register(BulkChange)
class BulkChangeAdmin(RecordPageAdmin[BulkChange]):
    """What was done, by whom, and whether it was undone. Nothing of it is edited."""

    list_display = ("summary", "at", "who", "state")
    list_select_related = ("actor", "undone_by")
    search_fields = ("summary",)

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_urls(self) -> list[URLPattern]:
        undo = path(
            "<int:change_pk>/undo/",
            self.admin_site.admin_view(self.undo_view),
            name="catalog_bulkchange_undo",
        )
        return [undo, *super().get_urls()]

    @admin.display(description=_("when"))
    def at(self, change: BulkChange) -> str:
        return moment(change.created_at)

    @admin.display(description=_("who"))
    def who(self, change: BulkChange) -> str:
        return str(change.actor)

    @admin.display(description=_("state"), empty_value="")
    def state(self, change: BulkChange) -> str | None:
        if change.undone_at is None:
            return None
        words = {"at": moment(change.undone_at), "who": change.undone_by}
        return gettext("Undone %(at)s by %(who)s") % words

    def may_change(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["catalog.add_bulkchange", "catalog.change_product"])

    def may_undo(self, request: HttpRequest, change: BulkChange) -> bool:
        """Who puts stock back changes it, whoever had changed it before."""
        return self.may_change(request) and (
            may(request, "change_stockitem") or not changes_stock(change)
        )

    def start(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        """The form for products that were ticked; None where they are too many, which is said."""
        if not self.may_change(request):
            raise PermissionDenied
        try:
            return self.choose(request, new_draft(request, choose(products)), is_ticked=True)
        except DomainError as error:
            messages.error(request, error.user_message)
            return None

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """GET: for all that the list of products shows with the same filters. POST: each step."""
        if not self.may_change(request):
            raise PermissionDenied
        try:
            if request.method == "GET":
                products = find_matching(request, self.admin_site)
                return self.choose(request, new_draft(request, products))
            return self.go_on(request, read_draft(request))
        except DomainError as error:
            messages.error(request, error.user_message)
        except NotOurs:
            messages.error(request, gettext("Choose the products first, then the action below."))
        return redirect(PRODUCTS)

    def go_on(self, request: HttpRequest, draft: Draft) -> HttpResponse:
        step = request.POST.get("step", "")
        if not draft.form.is_valid() or step == "edit":
            return self.choose(request, draft, status=200 if step == "edit" else 422)
        if step == "apply":
            return self.apply(request, draft)
        return self.preview(request, draft)

    def choose(
        self, request: HttpRequest, draft: Draft, *, is_ticked: bool = False, status: int = 200
    ) -> HttpResponse:
        context = {
            "title": gettext("Change many products"),
            "draft": draft,
            "product_count": len(draft.product_pks),
            "variant_count": count_variants(draft.product_pks),
            "first_names": list(product_names(draft.product_pks[:5]).values()),
            # Whoever cannot tick all pages of the list gets there by this.
            "filters": request.GET.urlencode() if is_ticked else None,
        }
        return self.page(request, "choose", context, status=status)

    def apply(self, request: HttpRequest, draft: Draft) -> HttpResponse:
        user = request.user
        if user.is_anonymous:
            raise PermissionDenied
        try:
            change = apply_change(
                token=draft.token,
                product_pks=draft.product_pks,
                edit=draft.form.edit(),
                fingerprint=draft.seen,
                summary=draft.summary(),
                reason=draft.form.reason(),
                actor_id=user.pk,
                leave_out_refused="leave_out" in request.POST,
            )
        except DomainError as error:
            return self.preview(request, draft, error=error)
        messages.success(request, gettext("Done. Should it be wrong: it can be undone here."))
        return redirect("admin:catalog_bulkchange_change", change.pk)

    def preview(
        self, request: HttpRequest, draft: Draft, *, error: DomainError | None = None
    ) -> HttpResponse:
        plan = plan_change(product_pks=draft.product_pks, edit=draft.form.edit())
        if error is None and draft.seen not in ("", plan.fingerprint):
            error = PlanChanged()
        context = {
            "title": gettext("This would change"),
            "draft": draft,
            "plan": plan,
            "signed_plan": draft.signed(plan),
            "totals": totals(plan.lines),
            "refused": self.some(plan.refused),
            "error": error,
            **self.paged(plan.lines, request.POST.get("page")),
        }
        return self.page(request, "preview", context, status=error.status if error else 200)

    def some(self, lines: Sequence[Line]) -> dict[str, Any]:
        """The first of the lines, and how many there are beyond them."""
        return {"rows": show_lines(lines[:PER_PAGE]), "more": max(0, len(lines) - PER_PAGE)}

    def paged(self, lines: Sequence[Line], number: str | None) -> dict[str, Any]:
        page = Paginator(lines, PER_PAGE).get_page(number)
        return {"rows": show_lines(list(page)), "shown_page": page}

    def undo_view(self, request: HttpRequest, change_pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = request.user
        if user.is_anonymous or not self.may_change(request):
            raise PermissionDenied
        change = get_object_or_404(BulkChange, pk=change_pk)
        if not self.may_undo(request, change):
            raise PermissionDenied
        try:
            undone = undo_change(
                change_pk=change.pk, actor_id=user.pk, leave_out_changed="others" in request.POST
            )
        except DomainError as error:
            return self.render_page(request, change, error=error)
        messages.success(request, gettext("Undone. What was put back is listed here."))
        return redirect("admin:catalog_bulkchange_change", undone.pk)

    def render_page(
        self, request: HttpRequest, change: BulkChange, *, error: DomainError | None = None
    ) -> HttpResponse:
        change.refresh_from_db()
        lines = lines_of(change)
        undo = plan_undo(change=change) if change.undone_at is None else None
        context = {
            "title": change.summary,
            "change": change,
            "totals": totals(lines),
            "undo": undo,
            "may_undo": self.may_undo(request, change),
            "refused": self.some(undo.refused) if undo else None,
            "undone_as": BulkChange.objects.filter(public_id=undo_id(change)).first(),
            "error": error,
            **self.paged(lines, request.GET.get("page")),
        }
        return self.page(request, "detail", context, status=error.status if error else 200)

    def page(
        self, request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int
    ) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request, f"{TEMPLATES}/{name}.html", {**shared, **context}, status=status
        )
