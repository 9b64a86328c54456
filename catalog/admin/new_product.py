"""The first steps of a new product: a name, a category, a price, and what it varies in."""

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from catalog.admin.labels import language
from catalog.admin.matrix_page import option_forms
from catalog.admin.product_forms import NewProductForm
from catalog.admin.product_pages import currency, page_url, user_of
from catalog.editing.creating import create_product
from catalog.editing.matrix import read_options
from catalog.editing.sheet import Ticked, TooManyRows, tick
from catalog.models import Category, Product, Seller


def add_product(request: HttpRequest) -> HttpResponse:
    form = NewProductForm(request.POST or None)
    chosen = {int(text) for text in request.POST.getlist("value") if text.isdecimal()}
    options = read_options(language=language(), used=chosen)
    if form.is_valid():
        try:
            product = _create(request, form, tick(options, chosen))
        except TooManyRows as error:
            form.add_error(None, error.user_message)
        else:
            messages.success(request, _("The product is there. Customers do not see it yet."))
            return redirect(page_url(product.pk, "variants"))
    context = {
        **admin.site.each_context(request),
        "opts": Product._meta,
        "title": _("New product"),
        "form": form,
        "options": option_forms(options, chosen),
        "lacks_category": not Category.objects.exists(),
        "lacks_seller": not Seller.objects.exists(),
    }
    return TemplateResponse(
        request, "admin/catalog/product/add.html", context, status=422 if form.errors else 200
    )


@transaction.atomic
def _create(request: HttpRequest, form: NewProductForm, values: Ticked) -> Product:
    typed = form.cleaned_data
    product = create_product(
        names=form.names(),
        category_pk=typed["category"],
        seller_pk=typed["seller"].pk,
        amount=typed["price"],
        values=values,
        currency=currency(),
    )
    LogEntry.objects.log_actions(
        user_of(request), [product], ADDITION, change_message=[{"added": {}}], single_object=True
    )
    return product
