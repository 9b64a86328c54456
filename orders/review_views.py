"""Pages of reviews: what everybody reads, and what a buyer writes behind their order's link."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.caching import cached_page
from catalog.catalogue import ProductNotFound
from catalog.paths import moved_product, paths_in_languages
from orders.models import Order, OrderEvent
from orders.order_page import find_order
from orders.review_forms import ReviewForm
from orders.reviews import asking, showing, voting
from orders.reviews.erasing import erase_review
from orders.reviews.own import LinePage, save_review, show_line
from orders.reviews.writing import ReviewNotFound
from shop.core.errors import DomainError

FIRST_REVIEWS = 3
SORT_NAMES = {
    "helpful": gettext_lazy("Most helpful"),
    "newest": gettext_lazy("Newest"),
    "photos": gettext_lazy("With photos"),
}


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@require_safe
@cached_page("tree", "p:{slug}", "r:{slug}", params=showing.PARAMETERS)
def list_reviews(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        product = showing.find_product(language=_language(), slug=slug)
    except ProductNotFound:
        now = moved_product(language=_language(), slug=slug)
        if now is None:
            raise
        return redirect("orders:list_reviews", slug=now, permanent=True)
    choice = showing.read_choice(request.GET.dict())
    page = showing.show_reviews(product_pk=product.pk, language=_language(), choice=choice)
    context = {
        "product": product,
        "page": page,
        "sorts": SORT_NAMES,
        "previous_page": page.choice.page - 1,
        "next_page": page.choice.page + 1,
        "alternates": paths_in_languages("orders:list_reviews", product.slugs),
    }
    return render(request, "orders/reviews.html", context)


@require_safe
@cached_page("tree", "p:{slug}", "r:{slug}")
def reviews_fragment(request: HttpRequest, slug: str) -> HttpResponse:
    """The summary and the first few, for the product's page."""
    product = showing.find_product(language=_language(), slug=slug)
    page = showing.show_reviews(
        product_pk=product.pk,
        language=_language(),
        choice=showing.Choice(),
        page_size=FIRST_REVIEWS,
    )
    return render(request, "orders/review_fragment.html", {"product": product, "page": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review_line(request: HttpRequest, token: str, variant_id: UUID) -> HttpResponse:
    order = find_order(token=token)
    page = show_line(order, variant_id)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ReviewForm(
        *sent,
        review=page.review,
        photos=page.photos,
        first_name=page.first_name,
    )
    if form.is_valid() and _save(order, page, form):
        messages.success(request, _("Thank you. We read your review before others can."))
        return redirect("orders:review_line", token=order.token, variant_id=variant_id)
    context = {"order": order, "page": page, "form": form}
    return render(request, "orders/review_form.html", context, status=422 if form.errors else 200)


def _save(order: Order, page: LinePage, form: ReviewForm) -> bool:
    try:
        save_review(
            order=order,
            page=page,
            words=form.words(),
            language=_language(),
            uploads=form.cleaned_data["photos"],
            removed=form.cleaned_data["removed"],
        )
    except DomainError as error:
        form.add_error(None, error.user_message)
        return False
    return True


@never_cache
@require_POST
def erase_line_review(request: HttpRequest, token: str, variant_id: UUID) -> HttpResponse:
    order = find_order(token=token)
    review = show_line(order, variant_id).review
    if review is None:
        raise ReviewNotFound
    erase_review(review_id=review.pk, by=OrderEvent.Actor.CUSTOMER)
    messages.success(request, _("Your words and photos are deleted. Only the stars remain."))
    return redirect("orders:review_line", token=order.token, variant_id=variant_id)


@never_cache
@require_POST
def vote(request: HttpRequest, token: str, variant_id: UUID, review_id: UUID) -> HttpResponse:
    order = find_order(token=token)
    if "withdraw" in request.POST:
        voting.withdraw_vote(order=order, review_id=review_id)
    else:
        voting.vote_helpful(order=order, review_id=review_id)
    page = redirect("orders:review_line", token=order.token, variant_id=variant_id)
    page["Location"] += f"#review-{review_id}"
    return page


# A mail program posts without cookie or form token; the order's own token is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave_review_mail(request: HttpRequest, token: str) -> HttpResponse:
    order = find_order(token=token)
    is_done = request.method == "POST"
    if is_done:
        asking.leave_review_mail(order=order)
    return render(request, "orders/review_opt_out.html", {"order": order, "is_done": is_done})
