"""What the buyer sees of their own reviews, on the pages behind an order's link."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch

from catalog.catalogue import ImageView
from catalog.catalogue.pictures import Picture
from catalog.pictures import variant_pictures
from orders.models import Order, OrderLine, PhotoState, Review, ReviewPhoto, ReviewVote
from orders.reviews.buyers import find_bought_line, find_received_line, received_lines
from orders.reviews.photos import stored
from orders.reviews.pictures import Upload
from orders.reviews.showing import SORTS, ReviewView, review_views
from orders.reviews.writing import Words, change_review, write_review

OTHERS = 5


@dataclass(frozen=True, slots=True)
class LineReview:
    """Whether a line can be reviewed, and the review it has."""

    is_open: bool
    review: Review | None


def line_reviews(order: Order) -> dict[int, LineReview]:
    """Order line pk → its review. Two queries, however many lines there are."""
    received = received_lines(order)
    reviews = {
        review.order_line_id: review for review in Review.objects.filter(order_line__order=order)
    }
    return {
        pk: LineReview(is_open=pk in received or pk in reviews, review=reviews.get(pk))
        for pk in received | reviews.keys()
    }


@dataclass(frozen=True, slots=True)
class OwnPhoto:
    """`image` is None until a worker has finished it, and for good if that failed."""

    public_id: UUID
    image: ImageView | None
    state: PhotoState


@dataclass(frozen=True, slots=True)
class OwnReview:
    review: Review
    photos: list[OwnPhoto]


@dataclass(frozen=True, slots=True)
class OwnLine:
    """`own` is None while nothing was written of it."""

    line: OrderLine
    can_review: bool
    own: OwnReview | None


def own_lines(order: Order) -> list[OwnLine]:
    """All lines of the order, with what their buyer said. Four queries, however many there are."""
    received = received_lines(order)
    rows = Review.objects.filter(order_line__order=order).select_related("order_line__variant")
    reviews = {
        review.order_line_id: OwnReview(review, _own_photos(review.photos.all()))
        for review in rows.prefetch_related(Prefetch("photos", ReviewPhoto.objects.order_by("pk")))
    }
    return [
        OwnLine(line, line.pk in received, reviews.get(line.pk))
        for line in order.lines.select_related("variant").order_by("pk")
    ]


@dataclass(frozen=True, slots=True)
class OtherReview:
    """What another buyer says of the product, and whether this one found it helpful."""

    view: ReviewView
    is_helpful: bool


@dataclass(frozen=True, slots=True)
class LinePage:
    line: OrderLine
    image: ImageView | None
    review: Review | None
    photos: list[OwnPhoto]
    others: list[OtherReview]
    first_name: str


def show_line(order: Order, variant_id: UUID) -> LinePage:
    """Raises NotBought, NotSentYet."""
    line = find_bought_line(order, variant_id)
    review = Review.objects.filter(order_line=line).first()
    if review is None:
        find_received_line(order, variant_id)
    return LinePage(
        line=line,
        image=variant_pictures([line.variant_id]).get(line.variant_id),
        review=review,
        photos=own_photos(review) if review else [],
        others=_others(order, line),
        first_name=_first_name(order),
    )


def own_photos(review: Review) -> list[OwnPhoto]:
    return _own_photos(review.photos.order_by("pk"))


def _own_photos(photos: Iterable[ReviewPhoto]) -> list[OwnPhoto]:
    return [OwnPhoto(photo.public_id, _image(photo), PhotoState(photo.state)) for photo in photos]


def _image(photo: ReviewPhoto) -> ImageView | None:
    if photo.state != PhotoState.READY:
        return None
    picture = Picture(photo.width, photo.height, photo.renditions, None, "")
    return picture.view(product_name="", value_names={})


def _others(order: Order, line: OrderLine) -> list[OtherReview]:
    product_pk = line.variant.product_id
    reviews = (
        Review.objects.published()
        .filter(product=product_pk)
        .exclude(order_line__order=order)
        .order_by(*SORTS["helpful"])[:OTHERS]
    )
    views = review_views(reviews)
    helpful = set(
        ReviewVote.objects.filter(
            order=order, review__public_id__in=[view.public_id for view in views]
        ).values_list("review__public_id", flat=True)
    )
    return [OtherReview(view, view.public_id in helpful) for view in views]


def _first_name(order: Order) -> str:
    """What to offer as the name shown: never the whole name unless its owner types it."""
    contact = getattr(order, "contact", None)
    words = contact.recipient_name.split() if contact else []
    return words[0] if words else ""


def save_review(
    *,
    order: Order,
    page: LinePage,
    words: Words,
    language: str,
    uploads: Sequence[Upload] = (),
    removed: Collection[UUID] = (),
) -> Review:
    """Write the line's review, or change the one it has.

    Raises as `write_review` and `change_review` do; then nothing has changed.
    """
    with stored(uploads) as photos:
        if page.review is None:
            return write_review(
                order_id=order.pk,
                variant_id=page.line.variant.public_id,
                words=words,
                language=language,
                photos=photos,
            )
        return change_review(
            order_id=order.pk,
            review_id=page.review.public_id,
            words=words,
            language=language,
            photos=photos,
            removed=removed,
        )
