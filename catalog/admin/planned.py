"""The page on which staff plan sales of one product, change them and call them off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from catalog.admin.labels import language
from catalog.admin.product_pages import (
    currency,
    find_product,
    log_change,
    page_url,
    read_moment,
    render_page,
    require_change,
)
from catalog.editing.matrix import Value, name_values
from catalog.editing.prices import (
    Planned,
    cancel_planned,
    change_planned,
    plan_sale,
    planned_of,
)
from catalog.models import OptionValue, Product, VariantValue
from shop.core.choosing import choice_field
from shop.core.errors import DomainError
from shop.core.money import Money
from shop.core.templatetags.shop import percent_off

# People name the last minute of a sale; the period ends where the next minute begins.
LAST_MINUTE = timedelta(minutes=1)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class SaleForm(forms.Form):
    begins_at = forms.DateTimeField(
        label=_("From"), required=False, widget=MomentInput, help_text=_("Empty: at once.")
    )
    ends_at = forms.DateTimeField(
        label=_("Until and including"),
        required=False,
        widget=MomentInput,
        help_text=_("Empty: the lower price stays."),
    )
    percent = forms.IntegerField(
        label=_("Per cent off"),
        min_value=1,
        max_value=95,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    value = forms.TypedChoiceField(
        label=_("Which variants"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *, values: Iterable[Value], **kwargs: Any) -> None:
        super().__init__(label_suffix="", **kwargs)
        names = [(value.pk, value.name) for value in values]
        choice_field(self, "value").choices = [("", gettext("all")), *names]

    def clean_ends_at(self) -> datetime | None:
        ends_at: datetime | None = self.cleaned_data["ends_at"]
        return ends_at and ends_at + LAST_MINUTE

    def clean(self) -> dict[str, Any]:
        begins_at = self.cleaned_data.get("begins_at") or timezone.now()
        ends_at = self.cleaned_data.get("ends_at")
        if ends_at is not None and ends_at <= begins_at:
            self.add_error("ends_at", ValidationError(gettext("Has to lie after the beginning.")))
        return {**self.cleaned_data, "begins_at": begins_at}


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One line of the table; `form` changes it, and is filled in with what is planned."""

    planned: Planned
    last_minute: datetime | None
    amounts: str
    percents: str
    preview_url: str
    form: SaleForm


@require_http_methods(["GET", "POST"])
def plan_prices(request: HttpRequest, product_id: int) -> HttpResponse:
    product = find_product(request, product_id)
    values = values_of(product)
    if request.method != "POST":
        return _show(request, product, values, SaleForm(values=values))
    require_change(request)
    form = SaleForm(values=values, data=request.POST)
    is_removal = request.POST.get("action") == "remove"
    if not is_removal and not form.is_valid():
        return _show(request, product, values, form, status=422)
    try:
        text = _remove(request, product) if is_removal else _plan(request, product, form)
    except DomainError as error:
        form.add_error(None, error.user_message)
        return _show(request, product, values, form, status=409)
    messages.success(request, text)
    return redirect(page_url(product.pk, "planned"))


@transaction.atomic
def _remove(request: HttpRequest, product: Product) -> str:
    begins_at, ends_at = _which(request)
    count = cancel_planned(
        product_pk=product.pk, begins_at=begins_at, ends_at=ends_at, currency=currency()
    )
    text = gettext("Called off for %(count)s variants.") % {"count": count}
    log_change(request, product, text)
    return text


@transaction.atomic
def _plan(request: HttpRequest, product: Product, form: SaleForm) -> str:
    new = form.cleaned_data
    if request.POST.get("action") == "change":
        begins_at, ends_at = _which(request)
        count = change_planned(
            product_pk=product.pk,
            begins_at=begins_at,
            ends_at=ends_at,
            new_begins_at=new["begins_at"],
            new_ends_at=new["ends_at"],
            percent=new["percent"],
            currency=currency(),
        )
    else:
        variants = product.variants.all()
        if new["value"] is not None:
            variants = variants.filter(values__value=new["value"])
        count = plan_sale(
            product_pk=product.pk,
            variant_pks=variants.values_list("pk", flat=True),
            begins_at=new["begins_at"],
            ends_at=new["ends_at"],
            percent=new["percent"],
            currency=currency(),
        )
    text = gettext("Planned: %(percent)s %% off %(count)s variants.") % {
        "percent": new["percent"],
        "count": count,
    }
    log_change(request, product, text)
    return text


def _which(request: HttpRequest) -> tuple[datetime, datetime | None]:
    """The plan that a line of the table names by its times."""
    begins_at = read_moment(request.POST.get("planned-from", ""))
    return begins_at or timezone.now(), read_moment(request.POST.get("planned-until", ""))


def values_of(product: Product) -> list[Value]:
    used = VariantValue.objects.filter(variant__product=product).values("value")
    return name_values(OptionValue.objects.filter(pk__in=used), language=language())


def _show(
    request: HttpRequest,
    product: Product,
    values: list[Value],
    form: SaleForm,
    *,
    status: int = 200,
) -> HttpResponse:
    planned = planned_of(product.pk, currency=currency(), at=timezone.now())
    rows = [_row(product, each, values) for each in planned]
    context = {"form": form, "rows": rows, "variant_count": product.variants.count()}
    return render_page(request, product, page="planned", context=context, status=status)


def _row(product: Product, planned: Planned, values: list[Value]) -> PlannedRow:
    percents = sorted(
        {
            percent_off(amount, before)
            for amount, before in zip(planned.amounts, planned.befores, strict=True)
            if before > amount
        }
    )
    last_minute = planned.ends_at and planned.ends_at - LAST_MINUTE
    preview = reverse("admin:catalog_product_preview", args=[product.pk, language()])
    return PlannedRow(
        planned=planned,
        last_minute=last_minute,
        amounts=_range([Money(each, currency()).format() for each in _ends(planned.amounts)]),
        percents=_range([str(each) for each in _ends(percents)]),
        preview_url=f"{preview}?{urlencode({'at': planned.begins_at.isoformat()})}",
        form=SaleForm(
            values=values,
            initial={
                "begins_at": planned.begins_at,
                "ends_at": last_minute,
                "percent": percents[0] if percents else None,
            },
            auto_id=f"planned-{planned.begins_at.timestamp():.0f}-%s",
        ),
    )


def _ends(numbers: Iterable[int]) -> list[int]:
    """The lowest and the highest; one where they are the same."""
    found = sorted(set(numbers))
    return found if len(found) < 2 else [found[0], found[-1]]


def _range(texts: list[str]) -> str:
    return " – ".join(texts)
