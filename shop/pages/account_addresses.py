"""The address book of who is signed in."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import SavedAddress
from orders.address_book import (
    MAX_ADDRESSES,
    AddressNotFound,
    add_address,
    addresses_of,
    as_given,
    change_address,
    get_address,
    remove_address,
)
from orders.address_choice import AddressChoice
from orders.address_forms import AddressForm, text_field
from orders.forms import REQUIRED_MESSAGES, clean_phone
from orders.regions.choosing import FIND, SHOW
from shop.core.errors import DomainError


class SavedAddressForm(AddressForm):
    field_order = ("label", "recipient_name", "phone")

    label = text_field(
        _("Name of the address (optional)"),
        autocomplete="off",
        max_length=40,
        required=False,
        help_text=_("By which you know it again: home, office, mother."),
    )
    phone = text_field(
        _("Mobile number"),
        autocomplete="tel",
        max_length=30,
        help_text=_("The courier calls it when something is unclear. Example: 0812 3456 7890"),
        attrs={"inputmode": "tel"},
    )
    is_default = forms.BooleanField(label=_("Fill it in at checkout"), required=False)

    def __init__(self, data: Any = None, *, choice: AddressChoice, **options: Any) -> None:
        super().__init__(data, choice=choice, **options)
        for name, text in REQUIRED_MESSAGES.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = text

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"], country=self.choice.country)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def addresses(request: HttpRequest) -> HttpResponse:
    customer = request.user.pk or 0
    if request.method == "POST":
        return _act(request, customer)
    context = {"addresses": addresses_of(customer_id=customer), "limit": MAX_ADDRESSES}
    return render(request, "accounts/addresses.html", context)


def _act(request: HttpRequest, customer: int) -> HttpResponse:
    """What is gone already is left alone, and the page shows what there is."""
    removes = "remove" in request.POST
    typed = request.POST.get("remove" if removes else "default", "")
    try:
        if removes:
            remove_address(customer_id=customer, public_id=UUID(typed))
            messages.success(request, gettext("The address is removed."))
        else:
            change_address(customer_id=customer, public_id=UUID(typed), is_default=True)
            messages.success(request, gettext("This address is filled in at checkout from now on."))
    except (ValueError, AddressNotFound):
        messages.error(request, str(AddressNotFound.message))
    return redirect("pages:addresses")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    try:
        return _edit(request, get_address(customer_id=request.user.pk or 0, public_id=public_id))
    except AddressNotFound as error:
        raise Http404 from error


def _edit(request: HttpRequest, row: SavedAddress | None) -> HttpResponse:
    given = request.POST.dict() if request.method == "POST" else _shown(row)
    choice = AddressChoice.of(given)
    if request.method != "POST" or FIND in given or SHOW in given:
        form = SavedAddressForm(choice=choice, initial=given)
        return _page(request, form, row)
    form = SavedAddressForm(request.POST, choice=choice)
    if not form.is_valid():
        return _page(request, form, row, status=422)
    try:
        _save(request.user.pk or 0, row, form)
    except DomainError as error:
        form.add_error(None, error.user_message)
        return _page(request, form, row, status=error.status)
    messages.success(request, gettext("The address is saved."))
    return redirect("pages:addresses")


def _save(customer: int, row: SavedAddress | None, form: SavedAddressForm) -> None:
    label, is_default = form.cleaned_data["label"], form.cleaned_data["is_default"]
    address = form.address()
    if row is None:
        add_address(customer_id=customer, address=address, label=label, is_default=is_default)
        return
    change_address(
        customer_id=customer,
        public_id=row.public_id,
        address=address,
        label=label,
        is_default=is_default,
    )


def _shown(row: SavedAddress | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {**asdict(as_given(row)), "label": row.label, "is_default": row.is_default}


def _page(
    request: HttpRequest, form: SavedAddressForm, row: SavedAddress | None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "address": row}
    return render(request, "accounts/address.html", context, status=status)
