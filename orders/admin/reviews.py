"""Reviews for staff: a queue of what is to be read, and one page to decide on each."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orders.admin.badges import review_badge
from orders.admin.filters import COUNTED_AMONG
from orders.admin.review_forms import AnswerForm, RefusalForm
from orders.admin.review_page import show_review, stars_shown, thumbnails
from orders.models import OrderEvent, Review, ReviewState
from orders.reviews.erasing import erase_review
from orders.reviews.moderation import (
    answer_review,
    publish_review,
    refuse_review,
    take_photo_out,
)
from orders.reviews.showing import photo_views
from shop.core.admin import ModelAdmin, RecordPageAdmin
from shop.core.errors import DomainError
from shop.core.templatetags.shop import moment

EVERYTHING = "all"


class ReviewTabs(admin.SimpleListFilter):
    """What is to be read first; it says how much of it there is."""

    title = _("reviews")
    parameter_name = "show"
    template = "admin/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        states = [(str(state.value), state.label) for state in ReviewState]
        return [*states, (EVERYTHING, _("All"))]

    def value(self) -> str:
        chosen = super().value()
        known = [*ReviewState.values, EVERYTHING]
        return chosen if chosen in known else str(ReviewState.PENDING)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        value = self.value()
        return queryset if value == EVERYTHING else queryset.filter(state=value)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
                "count": shown_count() if value == ReviewState.PENDING else "",
            }


def shown_count() -> str:
    """How many are to be read, counted no further than anybody would."""
    count = Review.objects.pending()[: COUNTED_AMONG + 1].count()
    number = number_format(min(count, COUNTED_AMONG), force_grouping=True)
    return f"{number}+" if count > COUNTED_AMONG else number


class ReviewList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        reviews = list(self.result_list)
        photos = photo_views(reviews)
        for review in reviews:
            vars(review)["shown_photos"] = photos.get(review.pk, [])
        self.result_list = reviews


@admin.register(Review)
class ReviewAdmin(RecordPageAdmin[Review]):
    """What a buyer wrote is never edited: it is shown as it is, or it is not shown."""

    # The oldest first: somebody waits for it. The others, the newest.
    ordering = ("written_at", "id")
    list_display = ("stars", "words", "photos", "author", "written", "shown_state")
    list_display_links = ("stars",)
    list_select_related = ("order_line__order",)
    list_filter = (ReviewTabs,)
    search_fields = ("order_line__order__number",)
    search_help_text = _("Number of the order")
    change_form_template = "admin/orders/review/page.html"
    actions = ("publish_chosen",)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        waiting = request.GET.get("show", ReviewState.PENDING) == ReviewState.PENDING
        return ("written_at", "id") if waiting else ("-written_at", "-id")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReviewList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Review], search_term: str
    ) -> tuple[QuerySet[Review], bool]:
        number = search_term.strip().upper().replace(" ", "-")
        return (queryset.filter(order_line__order__number=number) if number else queryset), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).select_related("order_line__order", "moderated_by")

    @admin.display(description=_("stars"))
    def stars(self, review: Review) -> SafeString:
        return stars_shown(review.rating)

    @admin.display(description=_("review"))
    def words(self, review: Review) -> SafeString:
        # What the moderator has before their eyes goes with it when it is published from the list.
        return format_html(
            '<input type="hidden" name="seen-{}" value="{}"><span class="quiet">{}</span><br>'
            '<b dir="auto">{}</b><span class="prose" dir="auto">{}</span>',
            review.pk,
            review.change_count,
            ", ".join(filter(None, [review.order_line.product_name, review.variant_name])),
            review.title,
            review.text or ("" if review.title else gettext("(no words)")),
        )

    @admin.display(description=_("photos"))
    def photos(self, review: Review) -> SafeString:
        return thumbnails(vars(review)["shown_photos"])

    @admin.display(description=_("name shown"))
    def author(self, review: Review) -> str:
        return review.display_name or "–"

    @admin.display(description=_("written"))
    def written(self, review: Review) -> str:
        return moment(review.written_at)

    @admin.display(description=_("state"))
    def shown_state(self, review: Review) -> SafeString:
        return review_badge(review)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_review")

    @admin.action(description=_("Publish what is chosen"), permissions=["moderate"])
    def publish_chosen(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        """Each for itself: one that cannot be published does not hold back the others."""
        moderator = moderator_of(request)
        published = 0
        for review in chosen.order_by("pk"):
            seen = request.POST.get(f"seen-{review.pk}", "")
            try:
                publish_review(
                    review_id=review.pk,
                    actor_id=moderator.pk,
                    seen=int(seen) if seen.isdecimal() else -1,
                )
                published += 1
            except DomainError as error:
                name = review.order_line.product_name
                messages.warning(request, f"{name}: {error.user_message}")
        text = ngettext("%(count)s review published.", "%(count)s reviews published.", published)
        messages.success(request, text % {"count": published})

    def get_urls(self) -> list[URLPattern]:
        def route(address: str, view: Any, name: str) -> URLPattern:
            guarded: Callable[..., HttpResponse] = self.admin_site.admin_view(view)
            return path(address, guarded, name=f"orders_review_{name}")

        return [
            route("<int:review_id>/publish/", self.publish_view, "publish"),
            route("<int:review_id>/refuse/", self.refuse_view, "refuse"),
            route("<int:review_id>/answer/", self.answer_view, "answer"),
            route("<int:review_id>/erase/", self.erase_view, "erase"),
            route("<int:review_id>/photos/<uuid:photo_id>/", self.photo_view, "photo"),
            *super().get_urls(),
        ]

    def publish_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        review = self.review_to_change(request, review_id)
        seen = request.POST.get("seen", "")
        try:
            publish_review(
                review_id=review.pk,
                actor_id=moderator_of(request).pk,
                seen=int(seen) if seen.isdecimal() else -1,
            )
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect("admin:orders_review_change", review_id)
        messages.success(request, gettext("The review is published."))
        return self.to_next(review)

    def refuse_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        review = self.review_to_change(request, review_id)
        form = RefusalForm(request.POST)
        if not form.is_valid():
            return self.render_page(request, review, refusal=form, status=422)
        refuse_review(review_id=review.pk, actor_id=moderator_of(request).pk, **form.cleaned_data)
        messages.success(request, gettext("The review is not shown. Its author can read why."))
        return self.to_next(review)

    def answer_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        review = self.review_to_change(request, review_id)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.render_page(request, review, answer=form, status=422)
        answer_review(
            review_id=review.pk,
            actor_id=moderator_of(request).pk,
            text=form.cleaned_data["text"],
        )
        messages.success(request, gettext("The answer is saved."))
        return redirect("admin:orders_review_change", review_id)

    def erase_view(self, request: HttpRequest, review_id: int) -> HttpResponse:
        review = self.review_to_change(request, review_id)
        erase_review(
            review_id=review.pk, by=OrderEvent.Actor.STAFF, user_id=moderator_of(request).pk
        )
        messages.success(request, gettext("Words and photos are erased. The stars remain."))
        return redirect("admin:orders_review_change", review_id)

    def photo_view(self, request: HttpRequest, review_id: int, photo_id: UUID) -> HttpResponse:
        review = self.review_to_change(request, review_id)
        take_photo_out(review_id=review.pk, photo_id=photo_id, actor_id=moderator_of(request).pk)
        messages.success(request, gettext("The photo is removed."))
        return redirect("admin:orders_review_change", review_id)

    def review_to_change(self, request: HttpRequest, review_id: int) -> Review:
        if request.method != "POST" or not self.has_moderate_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=review_id)

    def to_next(self, decided: Review) -> HttpResponse:
        """What has waited longest; at the end of the queue, the list."""
        waiting = Review.objects.pending().exclude(pk=decided.pk).order_by("written_at", "id")
        following = waiting.values_list("pk", flat=True).first()
        if following is None:
            return redirect("admin:orders_review_changelist")
        return redirect("admin:orders_review_change", following)

    def render_page(
        self,
        request: HttpRequest,
        review: Review,
        *,
        refusal: RefusalForm | None = None,
        answer: AnswerForm | None = None,
        status: int = 200,
    ) -> TemplateResponse:
        said = getattr(review, "answer", None)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Review"),
            "opts": self.opts,
            "page": show_review(review),
            "may_moderate": self.has_moderate_permission(request),
            "refusal": refusal or RefusalForm(),
            "answer": answer or AnswerForm(initial={"text": said.text if said else ""}),
        }
        return TemplateResponse(request, self.change_form_template, context, status=status)


def moderator_of(request: HttpRequest) -> User:
    user = request.user
    if user.is_anonymous:
        raise PermissionDenied
    return user
