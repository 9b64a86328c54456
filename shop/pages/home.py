from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.caching import cacheable_page
from catalog.catalogue import Place, list_products

NEW_ARRIVALS = 8


@require_safe
@cacheable_page
def home(request: HttpRequest) -> HttpResponse:
    newest = list_products(
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.DEFAULT_CURRENCY,
        place=Place(page_size=NEW_ARRIVALS),
    )
    context = {
        "cards": newest.cards,
        "hero": [card for card in newest.cards if card.ready_image and card.is_available][:3],
    }
    return render(request, "pages/home.html", context)
