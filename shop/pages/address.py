"""The address of the checkout, part by part: what htmx and the type-ahead ask for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.address_choice import AddressChoice
from orders.address_forms import AddressForm
from orders.regions.finding import search_regions
from orders.shipping.allowance import asked_from
from orders.views import cart_of
from shop.core.clients import network_of
from shop.pages.checkout_credit import CreditPart
from shop.pages.checkout_page import CheckoutPage

ADDRESS_ALONE = "address_alone"


@never_cache
@require_safe
def suggest_regions(request: HttpRequest) -> HttpResponse:
    """The list under the field: districts and villages that the text may mean."""
    choice = AddressChoice.of(request.GET.dict())
    places = search_regions(request.GET.get("q", "")[:200], country=choice.country)
    return render(request, "pages/checkout/region_suggestions.html", {"places": places})


@never_cache
@require_POST
def choose_region(request: HttpRequest) -> HttpResponse:
    """The fields that depend on what was just chosen, with the couriers and the total.

    `?part=address`: all of the address, which another country changes. A form that asks for an
    address and nothing else says so, and gets no couriers.
    """
    given = request.POST.dict()
    choice = AddressChoice.of(given, keeps_matches=True)
    if ADDRESS_ALONE in given:
        alone = {
            "form": AddressForm(choice=choice, initial=given),
            "part": request.GET.get("part"),
        }
        return render(request, "pages/checkout/address_changed.html", alone)
    cart = cart_of(request)
    if cart is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    with asked_from(network_of(request.META)):
        page = CheckoutPage.of(
            cart,
            given,
            destination=choice.destination,
            language=get_language() or settings.LANGUAGE_CODE,
        )
    form = AddressForm(choice=choice, initial=given)
    credit = CreditPart.of(request, cart, page)
    context = {"page": page, "credit": credit, "form": form, "part": request.GET.get("part")}
    return render(request, "pages/checkout/address_changed.html", context)
