"""The page on which staff edit all variants of a product at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.admin.form_tokens import Notes, TokenMissing, do_once, kept_token, new_token, tell
from catalog.admin.labels import language
from catalog.admin.matrix_page import PLAIN_COLUMNS, Rights, StockForm, mark_refused, show_matrix
from catalog.admin.matrix_report import advice, report, summary
from catalog.admin.product_pages import (
    conflict_text,
    currency,
    find_product,
    how_to_go_on,
    log_change,
    may,
    may_change,
    page_url,
    read_seen,
    render_page,
    require_change,
    user_of,
)
from catalog.admin.wide_forms import admits_many_fields
from catalog.editing.booking import Booking, StockRefused
from catalog.editing.matrix import read_matrix
from catalog.editing.options import add_value
from catalog.editing.prices import PriceMoved
from catalog.editing.products import EditedMeanwhile
from catalog.editing.sheet import Sheet, TooManyRows, open_sheet, typed_sheet
from catalog.editing.typed import Row
from catalog.editing.variants import Saved, save_matrix, variants_with_history
from catalog.models import Option, Product, StockMovement
from shop.core.errors import DomainError
from shop.core.idempotency import KeyReused, StillWorking

BOOKABLE = (StockMovement.Kind.CORRECTED, StockMovement.Kind.RECEIVED)


@dataclass(slots=True)
class Edit:
    """One look at the page: what it shows, and what was typed into it.

    `seen` is the product's `updated_at` when the page was first opened. `token` is the form's: what
    comes twice with it is saved once.
    """

    request: HttpRequest
    product: Product
    sheet: Sheet
    seen: datetime
    stock: StockForm
    token: str = field(default_factory=new_token)

    @property
    def rights(self) -> Rights:
        return Rights(may_change(self.request), may(self.request, "change_stockitem"))

    def show(self, *, status: int = 200) -> HttpResponse:
        history = variants_with_history(variant.pk for variant in self.sheet.dropped)
        page = show_matrix(self.sheet, stock=self.stock, history=history, rights=self.rights)
        context = {
            "page": page,
            "seen": self.seen.isoformat(),
            "form_token": self.token,
            "is_choosing": self.request.POST.get("action", "").startswith(("add-", "rows")),
            "may_add_values": self.rights.product and may(self.request, "add_optionvalue"),
        }
        return render_page(
            self.request, self.product, page="variants", context=context, status=status
        )


@admits_many_fields
@require_http_methods(["GET", "POST"])
def edit_variants(request: HttpRequest, product_id: int) -> HttpResponse:
    product = find_product(request, product_id)
    if request.method != "POST":
        return open_page(request, product).show()
    require_change(request)
    action = request.POST.get("action", "save")
    try:
        if action.startswith("add-"):
            return add_typed_value(request, product, action.removeprefix("add-"))
        if action == "save":
            return save(request, product)
        edit = read_page(request, product)
    except TooManyRows as error:
        messages.error(request, error.user_message)
        return redirect(page_url(product.pk, "variants"))
    return fill(edit) if action == "fill" else edit.show()


def open_page(request: HttpRequest, product: Product) -> Edit:
    matrix = read_matrix(product, language=language(), currency=currency())
    is_new = not any(stock.on_hand for each in matrix.variants for stock in each.stock.values())
    kind = StockMovement.Kind.RECEIVED if is_new else StockMovement.Kind.CORRECTED
    return Edit(request, product, open_sheet(matrix), product.updated_at, StockForm(kind))


def read_page(request: HttpRequest, product: Product, *also: int) -> Edit:
    """`also` are values that are chosen beside those that were ticked. Raises TooManyRows."""
    chosen = {int(text) for text in request.POST.getlist("value") if text.isdecimal()} | {*also}
    matrix = read_matrix(product, language=language(), currency=currency(), also=chosen)
    kind = request.POST.get("kind", "")
    return Edit(
        request,
        product,
        typed_sheet(matrix, value_pks=chosen, given=request.POST.dict()),
        read_seen(request),
        StockForm(
            kind if kind in BOOKABLE else StockMovement.Kind.CORRECTED,
            request.POST.get("reason", "").strip()[:200],
        ),
    )


def fill(edit: Edit) -> HttpResponse:
    """Write one text into a column: what the script does in the page, without it."""
    column = edit.request.POST.get("fill-column", "")
    value = edit.request.POST.get("fill-rows", "")
    known = {*PLAIN_COLUMNS, *(f"stock-{pk}" for pk in edit.sheet.matrix.locations)}
    if column in known:
        text = edit.request.POST.get("fill-text", "")
        edit.sheet.fill(column, text, value_pk=int(value) if value.isdecimal() else None)
    return edit.show()


class ValueForm(forms.Form):
    name = forms.CharField(max_length=60)
    swatch = forms.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)


def add_typed_value(request: HttpRequest, product: Product, option: str) -> HttpResponse:
    """A value that the shop does not have yet, or that is not among those offered: ticked now."""
    if not may(request, "add_optionvalue"):
        raise PermissionDenied
    form = ValueForm(
        {
            "name": request.POST.get(f"new-{option}", ""),
            "swatch": request.POST.get(f"swatch-{option}", ""),
        }
    )
    known = Option.objects.filter(pk=option).exists() if option.isdecimal() else False
    if not known or not form.is_valid():
        messages.error(
            request,
            _("Enter the name of the new value; a colour is written like #b5593c, or left empty."),
        )
        return read_page(request, product).show(status=422)
    value, is_new = add_value(option_pk=int(option), **form.cleaned_data)
    text = _("%(name)s is new in the shop.") if is_new else _("%(name)s was there already.")
    messages.success(request, text % {"name": form.cleaned_data["name"]})
    return read_page(request, product, value.pk).show()


class NotSaved(Exception):
    """The form is not complete, or something in it cannot be read: the page says what."""

    def __init__(self, edit: Edit, text: str) -> None:
        super().__init__(text)
        self.edit = edit
        self.text = text


def save(request: HttpRequest, product: Product) -> HttpResponse:
    try:
        notes = do_once(
            request, page=f"variants:{product.pk}", work=partial(_save, request, product)
        )
    except NotSaved as refusal:
        messages.error(request, refusal.text)
        return refusal.edit.show(status=422)
    except StockRefused as refusal:
        edit = read_page(request, product)
        mark_refused(edit.sheet, refusal.cells)
        messages.error(request, _("Nothing is saved yet: correct what is marked below."))
        return edit.show(status=422)
    except (EditedMeanwhile, PriceMoved, KeyReused, StillWorking, TokenMissing) as error:
        return show_conflict(request, product.pk, error)
    tell(request, [*notes, *advice(product, request.POST.dict())])
    return redirect(page_url(product.pk, "variants"))


def _save(request: HttpRequest, product: Product) -> Notes:
    """Read and store the page, and say what was done. Raises NotSaved and what `save_matrix` does.

    All of it in the transaction that holds the token: a repeat shall not judge what it has saved.
    """
    edit = read_page(request, product)
    if not all(row.was_posted for row in edit.sheet.rows):
        raise NotSaved(edit, _("The values that you chose make new rows. Fill them in, then save."))
    rows = edit.sheet.read(locations=edit.sheet.matrix.locations if edit.rights.stock else ())
    if _lacks_reason(edit.stock, rows):
        edit.stock = replace(edit.stock, problem=_("Say why the stock changes, e.g. counted."))
    if edit.sheet.has_problems or edit.stock.problem:
        raise NotSaved(edit, _("Nothing is saved yet: correct what is marked below."))
    return report(edit.sheet, _store(edit, rows))


def _lacks_reason(stock: StockForm, rows: Iterable[Row]) -> bool:
    return (
        stock.kind == StockMovement.Kind.CORRECTED
        and not stock.reason
        and any(
            cell.difference
            for row in rows
            if row.variant_pk is not None
            for cell in row.stock.values()
        )
    )


def _store(edit: Edit, rows: Sequence[Row]) -> Saved:
    saved = save_matrix(
        product_pk=edit.product.pk,
        seen=edit.seen,
        option_pks=list(edit.sheet.ticked),
        rows=rows,
        dropped=[variant.pk for variant in edit.sheet.dropped],
        booking=Booking(
            StockMovement.Kind(edit.stock.kind), edit.stock.reason, user_of(edit.request)
        ),
        currency=currency(),
    )
    log_change(edit.request, edit.product, summary(saved))
    return saved


def show_conflict(request: HttpRequest, product_pk: int, error: DomainError) -> HttpResponse:
    """Somebody or the calendar was faster: what was typed stays, beside it what the shop has."""
    product = find_product(request, product_pk)
    edit = read_page(request, product)
    since = edit.seen
    edit.token = kept_token(request, error)
    if not isinstance(error, StillWorking):
        edit.seen = product.updated_at
        edit.sheet.mark_differences()
    match error:
        case EditedMeanwhile():
            text = conflict_text(product, since=since)
        case KeyReused():
            text = " ".join([_("You have saved this page before."), how_to_go_on()])
        case PriceMoved():
            text = " ".join([error.user_message, how_to_go_on()])
        case _:
            text = error.user_message
    messages.error(request, text)
    return edit.show(status=409)
