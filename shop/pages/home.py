from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from catalog.caching import cached_page
from catalog.catalogue import Place, category_tree, list_products
from catalog.sharing import share_page

NEW_ARRIVALS = 8


@require_safe
@cached_page("tree", "catalogue")
def home(request: HttpRequest) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    newest = list_products(
        language=language,
        currency=settings.DEFAULT_CURRENCY,
        place=Place(page_size=NEW_ARRIVALS),
    )
    hero = [card for card in newest.cards if card.ready_image and card.is_available][:3]
    description = gettext(
        "Shirts, dresses, trousers and headscarves. You see the total with shipping before you pay."
    )
    context = {
        "share": share_page(
            title=settings.SHOP_NAME,
            description=description,
            path=reverse("pages:home"),
            language=language,
            languages=[code for code, _name in settings.LANGUAGES],
            cards=hero,
        ),
        "categories": category_tree(language),
        "cards": newest.cards,
        "hero": hero,
    }
    return render(request, "pages/home.html", context)
