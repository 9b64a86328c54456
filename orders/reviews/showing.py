"""What readers see of a product's reviews: plain values, in few queries however many there are."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Count, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.catalogue import ImageView
from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import on_display
from catalog.catalogue.pictures import Picture
from catalog.catalogue.product import find_texts
from catalog.models import OptionValue
from catalog.rating import average_rating
from orders.models import PhotoState, Review, ReviewFit, ReviewPhoto
from orders.models.review import ReviewQuerySet

PAGE_SIZE = 10
STARS = (5, 4, 3, 2, 1)
DEFAULT_SORT = "helpful"
_with_photos_first = Case(When(photo_count__gt=0, then=Value(0)), default=Value(1))
SORTS = {
    "helpful": ("-helpful_count", _with_photos_first, "-written_at", "-pk"),
    "newest": ("-written_at", "-pk"),
    "photos": (_with_photos_first, "-written_at", "-pk"),
}


@dataclass(frozen=True, slots=True)
class ReviewedProduct:
    """`slugs` has the languages in which it is written."""

    pk: int
    slug: str
    name: str
    slugs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which reviews, in which order; zero stars and an empty size mean all of them."""

    rating: int = 0
    size: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1


@dataclass(frozen=True, slots=True)
class Share:
    """How many of all, and how many of a hundred."""

    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class SizeShare:
    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """`stars` from five down to one; `fit` by the values of ReviewFit, empty if nobody said."""

    count: int
    average: Decimal
    stars: dict[int, Share]
    fit: dict[ReviewFit, Share]
    sizes: list[SizeShare]


@dataclass(frozen=True, slots=True)
class AnswerView:
    text: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewView:
    """`author` is empty where the buyer gave no name."""

    public_id: UUID
    rating: int
    fit: str
    fit_name: str
    title: str
    text: str
    language: str
    author: str
    variant_name: str
    written_at: datetime
    photos: list[ImageView]
    answer: AnswerView | None
    helpful_count: int


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """`total` counts those that were chosen, `summary` all of the product."""

    summary: Summary
    reviews: list[ReviewView]
    total: int
    choice: Choice
    page_count: int


# What of an address makes a difference.
PARAMETERS = ("rating", "size", "sort", "page")
_CODE = re.compile(r"[\w-]{1,40}", re.ASCII)


def read_choice(query: Mapping[str, str]) -> Choice:
    """From an address; what makes no sense there is left out."""
    rating, size, sort, page = (query.get(name, "") for name in PARAMETERS)
    return Choice(
        rating=int(rating) if rating in map(str, STARS) else 0,
        size=size if _CODE.fullmatch(size) else "",
        sort=sort if sort in SORTS else DEFAULT_SORT,
        page=int(page) if page.isdecimal() and len(page) < 6 else 1,
    )


def find_product(*, language: str, slug: str) -> ReviewedProduct:
    """One query. Raises ProductNotFound where the product has no page either."""
    shown = on_display(currency=settings.DEFAULT_CURRENCY, at=timezone.now())
    texts = find_texts(shown.filter(translations__slug=slug), language, slug)
    text = texts.get(language) or next(iter(texts.values()))
    slugs = {code: each.slug for code, each in texts.items()}
    return ReviewedProduct(text.product_id, text.slug, text.name, slugs)


def show_reviews(
    *, product_pk: int, language: str, choice: Choice, page_size: int = PAGE_SIZE
) -> ReviewsPage:
    """One page of published reviews; a page out of range gives the nearest. Four queries."""
    groups = _groups(product_pk)
    chosen = Review.objects.published().filter(product=product_pk)
    if choice.rating:
        chosen = chosen.filter(rating=choice.rating)
    if choice.size:
        chosen = chosen.filter(size__code=choice.size)
    total = sum(
        group.count
        for group in groups
        if choice.rating in (0, group.rating) and choice.size in ("", group.size_code)
    )
    page_count = max(1, -(-total // page_size))
    page = min(max(choice.page, 1), page_count)
    start = (page - 1) * page_size
    return ReviewsPage(
        summary=summarise(groups, language=language),
        reviews=review_views(chosen.order_by(*SORTS[choice.sort])[start : start + page_size]),
        total=total,
        choice=Choice(choice.rating, choice.size, choice.sort, page),
        page_count=page_count,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Reviews that are alike in all that is counted."""

    rating: int
    fit: str
    size_pk: int | None
    size_code: str
    count: int


def _groups(product_pk: int) -> list[Group]:
    """At most five times four times the number of sizes, and one query, for any number of them."""
    rows = (
        Review.objects.published()
        .filter(product=product_pk)
        .order_by()
        .values("rating", "fit", "size_id", "size__code")
        .annotate(number=Count("pk"))
        .values_list("rating", "fit", "size_id", "size__code", "number")
    )
    return [
        Group(rating, fit, size, code or "", number) for rating, fit, size, code, number in rows
    ]


def summarise(groups: list[Group], *, language: str) -> Summary:
    """One query, for the names of the sizes."""
    stars: Counter[int] = Counter()
    fits: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    for group in groups:
        stars[group.rating] += group.count
        if group.fit:
            fits[group.fit] += group.count
        if group.size_pk is not None:
            sizes[group.size_pk] += group.count
    total = stars.total()
    return Summary(
        count=total,
        average=average_rating(sum(star * count for star, count in stars.items()), total),
        stars={star: _share(stars[star], total) for star in STARS},
        fit={fit: _share(fits[fit], fits.total()) for fit in ReviewFit} if fits else {},
        sizes=_sizes(sizes, language=language),
    )


def _share(count: int, total: int) -> Share:
    return Share(count, (count * 100 + total // 2) // total if total else 0)


def _sizes(counts: Counter[int], *, language: str) -> list[SizeShare]:
    """In the order in which sizes are shown everywhere."""
    rows = (
        OptionValue.objects.filter(pk__in=counts)
        .order_by("position", "pk", "translations__language")
        .values_list("pk", "code", "translations__language", "translations__name")
    )
    texts = in_language(
        (((pk, code), row_language, name or code) for pk, code, row_language, name in rows),
        language,
    )
    return [SizeShare(code, name, counts[pk]) for (pk, code), name in texts.items()]


def review_views(reviews: "QuerySet[Review] | ReviewQuerySet") -> list[ReviewView]:
    """Two queries."""
    rows = list(reviews.select_related("answer"))
    photos = photo_views(rows)
    return [_view(review, photos.get(review.pk, [])) for review in rows]


def _view(review: Review, photos: list[ImageView]) -> ReviewView:
    answer = getattr(review, "answer", None)
    return ReviewView(
        public_id=review.public_id,
        rating=review.rating,
        fit=review.fit,
        fit_name=review.get_fit_display(),
        title=review.title,
        text=review.text,
        language=review.language,
        author=review.display_name,
        variant_name=review.variant_name,
        written_at=review.written_at,
        photos=photos,
        answer=AnswerView(answer.text, answer.answered_at) if answer else None,
        helpful_count=review.helpful_count,
    )


def photo_views(reviews: list[Review]) -> dict[int, list[ImageView]]:
    """Review pk → its finished photos, in the order in which they were sent. One query."""
    authors = {review.pk: review.display_name for review in reviews}
    rows = ReviewPhoto.objects.filter(review__in=authors, state=PhotoState.READY).order_by("pk")
    views: dict[int, list[ImageView]] = {}
    for photo in rows:
        picture = Picture(photo.width, photo.height, photo.renditions, None, "")
        author = authors[photo.review_id]
        alt = _("Photo by %(name)s") % {"name": author} if author else _("Photo by a buyer")
        view = picture.view(product_name=alt, value_names={})
        views.setdefault(photo.review_id, []).append(view)
    return views
