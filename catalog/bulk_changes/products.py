"""What products have as a whole: publication, category, size guide, values of attributes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Model, TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.lines import (
    Field,
    Line,
    Note,
    PlainValue,
    Problem,
    Stroke,
    Target,
    Value,
)
from catalog.catalogue.offers import prices_now
from catalog.models import AttributeValue, Category, Product, ProductAttribute, SizeGuide
from shop.core.rows import update_each


class Publication(TextChoices):
    PUBLISH = "publish", _("Publish now")
    HIDE = "hide", _("Hide")
    SCHEDULE = "schedule", _("Publish from or until a time")


_PUBLICATION = ("is_published", "publish_from", "publish_until")


@dataclass(frozen=True, slots=True)
class PublicationField(PlainValue):
    """{"published", "from", "until"} as one value: half of it would mean something else."""

    name = "publication"
    target = Target.PRODUCT

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        rows = Product.objects.filter(pk__in=pks)
        return {row.pk: _publication(row) for row in rows.only(*_PUBLICATION)}

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        rows = {
            line.pk: (
                line.after["published"],
                _time(line.after["from"]),
                _time(line.after["until"]),
            )
            for line in lines
        }
        update_each(Product, _PUBLICATION, rows)


def _publication(product: Product) -> dict[str, Any]:
    return {
        "published": product.is_published,
        "from": _text(product.publish_from),
        "until": _text(product.publish_until),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class PublicationEdit:
    action: Publication
    publish_from: datetime | None = None
    publish_until: datetime | None = None
    field = PublicationField()

    def lines(self, product_pks: Collection[int], *, at: datetime, lock: bool) -> Sequence[Line]:
        priced = set(
            prices_now(currency=settings.DEFAULT_CURRENCY, at=at)
            .filter(variant__product__in=product_pks)
            .values_list("variant__product_id", flat=True)
        )
        lines = []
        for pk, before in self.field.read(product_pks, at=at, lock=lock).items():
            after = self._after(before, at=at)
            is_seen = pk in priced or not after["published"]
            lines.append(
                Line(self.field.name, pk, before, after, note=None if is_seen else Note.NOT_SHOWN)
            )
        return lines

    def _after(self, before: Value, *, at: datetime) -> dict[str, Any]:
        if self.action == Publication.HIDE:
            return {**before, "published": False}
        if self.action == Publication.SCHEDULE:
            return {
                "published": True,
                "from": _text(self.publish_from),
                "until": _text(self.publish_until),
            }
        starts, ends = _time(before["from"]), _time(before["until"])
        # A time that would still hide it goes; one that does not stays.
        return {
            "published": True,
            "from": None if starts and starts > at else before["from"],
            "until": None if ends and ends <= at else before["until"],
        }


@dataclass(frozen=True, slots=True)
class LinkField(PlainValue):
    """The category or the size guide of a product, by pk."""

    name: str
    model: type[Model]
    target = Target.PRODUCT

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        rows = Product.objects.filter(pk__in=pks).values_list("pk", f"{self.name}_id")
        return dict(rows)

    def refuse(self, lines: Sequence[Line]) -> Mapping[int, Problem]:
        wanted = {line.after for line in lines if line.after is not None}
        missing = wanted - set(
            self.model._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
        )
        return {line.pk: Problem.GONE for line in lines if line.after in missing}

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        update_each(Product, [self.name], {line.pk: (line.after,) for line in lines})


CATEGORY = LinkField("category", Category)
SIZE_GUIDE = LinkField("size_guide", SizeGuide)


@dataclass(frozen=True, slots=True)
class AttributeField(PlainValue):
    """Whether a product has that value of an attribute."""

    value_pk: int
    target = Target.PRODUCT

    @property
    def name(self) -> str:
        return f"attribute:{self.value_pk}"

    def read(self, pks: Collection[int], *, at: datetime, lock: bool) -> Mapping[int, Value]:
        having = set(
            ProductAttribute.objects.filter(value=self.value_pk, product__in=pks).values_list(
                "product_id", flat=True
            )
        )
        known = Product.objects.filter(pk__in=pks).values_list("pk", flat=True)
        return {pk: pk in having for pk in known}

    def refuse(self, lines: Sequence[Line]) -> Mapping[int, Problem]:
        if AttributeValue.objects.filter(pk=self.value_pk).exists():
            return {}
        return {line.pk: Problem.GONE for line in lines}

    def write(self, lines: Sequence[Line], stroke: Stroke) -> None:
        ProductAttribute.objects.filter(
            value=self.value_pk, product__in=[line.pk for line in lines if not line.after]
        ).delete()
        ProductAttribute.objects.bulk_create(
            [
                ProductAttribute(product_id=line.pk, value_id=self.value_pk)
                for line in lines
                if line.after
            ],
        )


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """Every product gets the same value: a category, a size guide, an attribute's value or not."""

    field: Field
    value: Value

    def lines(self, product_pks: Collection[int], *, at: datetime, lock: bool) -> Sequence[Line]:
        return [
            Line(self.field.name, pk, before, self.value)
            for pk, before in self.field.read(product_pks, at=at, lock=lock).items()
        ]


def move_to_category(category_pk: int) -> FieldEdit:
    return FieldEdit(CATEGORY, category_pk)


def give_size_guide(size_guide_pk: int | None) -> FieldEdit:
    return FieldEdit(SIZE_GUIDE, size_guide_pk)


def give_attribute(value_pk: int) -> FieldEdit:
    return FieldEdit(AttributeField(value_pk), value=True)


def take_attribute(value_pk: int) -> FieldEdit:
    return FieldEdit(AttributeField(value_pk), value=False)
