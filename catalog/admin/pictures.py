"""The pictures of one product: a page of its own, on which staff upload, sort and delete them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from catalog.admin.labels import language
from catalog.catalogue.languages import in_language
from catalog.catalogue.pictures import Picture
from catalog.catalogue.shapes import ImageView
from catalog.imaging import (
    MAX_BYTES,
    MAX_PIXELS,
    MAX_PIXELS_OF_JPEG,
    accept_picture,
    arrange_pictures,
    failure_text,
    move_picture,
    remove_picture,
    remove_pictures,
    retry_picture,
    show_colours,
)
from catalog.models import OptionValue, Product, ProductImage, ProductTranslation
from shop.core.admin import ModelAdmin
from shop.core.errors import DomainError

THUMBNAILS = 8
# What a browser offers to choose from. What it sends is looked at, whatever it is called.
ACCEPTED = "image/jpeg,image/png,image/webp,image/avif"


@dataclass(frozen=True, slots=True)
class Card:
    """One picture on the page; `place` counts from 1."""

    pk: int
    place: int
    view: ImageView
    state: str
    state_name: str
    failure: str
    colour_pk: int | None
    is_first: bool
    is_last: bool


def pictures_link(product: Product) -> SafeString:
    """The first pictures of a saved product, and the way to its page of pictures. Two queries."""
    images = ProductImage.objects.filter(product=product)
    context = {
        "address": page_of(product.pk),
        "cards": cards_of(images.order_by("position", "pk")[:THUMBNAILS], alt=""),
        "count": images.count(),
    }
    return render_to_string("admin/catalog/pictures/link.html", context)


def page_of(product_pk: int) -> str:
    return reverse("admin:catalog_productimage_page", args=[product_pk])


def cards_of(images: QuerySet[ProductImage], *, alt: str) -> list[Card]:
    found = list(images)
    return [
        Card(
            pk=image.pk,
            place=place,
            view=Picture(image.width, image.height, image.renditions, None, "", image.colour).view(
                product_name=alt, value_names={}
            ),
            state=image.state,
            state_name=image.get_state_display(),
            failure=failure_text(image),
            colour_pk=image.option_value_id,
            is_first=place == 1,
            is_last=place == len(found),
        )
        for place, image in enumerate(found, start=1)
    ]


class KeepsPictureFiles(ModelAdmin[Product]):
    """A base of the admin of products: who deletes one deletes the files of its pictures too."""

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        with transaction.atomic():
            remove_pictures(product_ids=[obj.pk])
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        with transaction.atomic():
            remove_pictures(product_ids=queryset.values_list("pk", flat=True))
            super().delete_queryset(request, queryset)


@admin.register(ProductImage)
class ProductImageAdmin(ModelAdmin[ProductImage]):
    """No list of all pictures: each is found on the page of its product."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """None of Django's own pages: their form takes any file and stores it as it came."""
        view = self.admin_site.admin_view
        return [
            path("of/<int:product_id>/", view(self.page_view), name="catalog_productimage_page"),
            path(
                "of/<int:product_id>/change/",
                view(self.change_pictures_view),
                name="catalog_productimage_change_all",
            ),
        ]

    def page_view(self, request: HttpRequest, product_id: int) -> HttpResponse:
        """GET shows the page, POST uploads."""
        if request.method == "POST":
            self.require(self.has_add_permission(request))
            self.upload(request, self.product_or_404(request, product_id))
            return redirect(page_of(product_id))
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "POST"])
        self.require(self.has_view_permission(request))
        product = self.product_or_404(request, product_id)
        return TemplateResponse(
            request, "admin/catalog/pictures/page.html", self.context_of(request, product)
        )

    def change_pictures_view(self, request: HttpRequest, product_id: int) -> HttpResponse:
        """One form, many buttons: `do` says which, as in `up:12`. Colours are saved with each."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.require(self.has_change_permission(request))
        product = self.product_or_404(request, product_id)
        verb, _colon, number = request.POST.get("do", "").partition(":")
        image_id = int(number) if number.isdecimal() and len(number) < 19 else 0
        self.save_colours(request, product)
        match verb:
            case "order":
                self.arrange(request, product)
            case "up" | "down":
                self.move(request, product, image_id, by=-1 if verb == "up" else 1)
            case "retry":
                self.retry(request, product, image_id)
            case "remove":
                self.remove(request, product, image_id)
                return redirect(page_of(product_id))
            case _:
                messages.success(request, gettext("The colours are saved."))
        anchor = f"#picture-{image_id}" if image_id else ""
        return redirect(f"{page_of(product_id)}{anchor}")

    def arrange(self, request: HttpRequest, product: Product) -> None:
        order = [int(pk) for pk in request.POST.getlist("order") if pk.isdecimal()]
        arrange_pictures(product_id=product.pk, order=order)
        messages.success(request, gettext("The new order is saved."))

    def move(self, request: HttpRequest, product: Product, image_id: int, *, by: int) -> None:
        place = move_picture(product_id=product.pk, image_id=image_id, by=by)
        if place >= 0:
            text = gettext("The picture is in place %(place)s now.")
            messages.success(request, text % {"place": place + 1})

    def retry(self, request: HttpRequest, product: Product, image_id: int) -> None:
        if product.images.filter(pk=image_id).exists() and retry_picture(image_id=image_id):
            messages.success(request, gettext("The picture is being prepared again."))

    def remove(self, request: HttpRequest, product: Product, image_id: int) -> None:
        self.require(self.has_delete_permission(request))
        if remove_picture(product_id=product.pk, image_id=image_id):
            self.note(request, product, {"deleted": {"name": "picture", "object": str(image_id)}})
            messages.success(request, gettext("The picture is deleted."))

    def save_colours(self, request: HttpRequest, product: Product) -> None:
        """What is not a colour of this product, or not a picture of it, is left alone."""
        known = {str(pk): pk for pk, _name in self.colours_of(product)}
        chosen: dict[int, int | None] = {}
        for name, value in request.POST.items():
            kind, _dash, number = name.partition("-")
            if kind == "colour" and number.isdecimal() and (value in known or not value):
                chosen[int(number)] = known.get(str(value))
        show_colours(product_id=product.pk, colours=chosen)

    def upload(self, request: HttpRequest, product: Product) -> None:
        files = request.FILES.getlist("pictures")
        colour = self.colour_chosen(request.POST, product)
        taken = sum(self.accept(request, product, file, colour) for file in files)
        if taken:
            text = ngettext(
                "%(count)s picture is uploaded and being prepared.",
                "%(count)s pictures are uploaded and being prepared.",
                taken,
            )
            messages.success(request, text % {"count": taken})
        elif not files:
            messages.error(request, gettext("Choose at least one picture."))

    def accept(
        self, request: HttpRequest, product: Product, file: Any, colour: OptionValue | None
    ) -> bool:
        try:
            accept_picture(product=product, data=file, option_value=colour)
        except DomainError as error:
            messages.error(request, f"{file.name}: {error.user_message}")
            return False
        self.note(request, product, {"added": {"name": "picture", "object": file.name}})
        return True

    def note(self, request: HttpRequest, product: Product, what: dict[str, object]) -> None:
        """In the history of the product."""
        self.products.log_change(request, product, [what])

    @property
    def products(self) -> ModelAdmin[Product]:
        return self.admin_site.get_model_admin(Product)

    def colour_chosen(self, data: Mapping[str, Any], product: Product) -> OptionValue | None:
        known = {str(pk): pk for pk, _name in self.colours_of(product)}
        pk = known.get(str(data.get("colour", "")))
        return OptionValue.objects.get(pk=pk) if pk else None

    def colours_of(self, product: Product) -> list[tuple[int, str]]:
        """(Pk, name) of the colours it is made in, and of those that its pictures show by now."""
        own = Q(variant_values__variant__product=product) | Q(
            pk__in=product.images.values("option_value")
        )
        rows = (
            OptionValue.objects.filter(own, swatch__gt="")
            .order_by("position", "pk", "translations__language")
            .values_list("pk", "translations__language", "translations__name", "code")
            .distinct()
        )
        texts = ((pk, code, name or value) for pk, code, name, value in rows)
        return list(in_language(texts, language()).items())

    def product_or_404(self, request: HttpRequest, product_id: int) -> Product:
        """As the admin of products lets this person see it: no more than that."""
        product = self.products.get_queryset(request).filter(pk=product_id).first()
        if product is None:
            raise Http404
        return product

    def require(self, is_allowed: bool) -> None:  # noqa: FBT001 - reads as a sentence
        if not is_allowed:
            raise PermissionDenied

    def context_of(self, request: HttpRequest, product: Product) -> dict[str, object]:
        name = name_of_product(product)
        images = product.images.order_by("position", "pk")
        return {
            **self.admin_site.each_context(request),
            "title": gettext("Pictures of %(product)s") % {"product": name},
            "opts": Product._meta,
            "product": product,
            "product_name": name,
            "cards": cards_of(images, alt=name),
            "colours": self.colours_of(product),
            "accepted": ACCEPTED,
            "limits": {
                "megabytes": MAX_BYTES >> 20,
                "megapixels": MAX_PIXELS // 1_000_000,
                "jpeg": MAX_PIXELS_OF_JPEG // 1_000_000,
            },
            "may_add": self.has_add_permission(request),
            "may_change": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
        }


def name_of_product(product: Product) -> str:
    rows = ProductTranslation.objects.filter(product=product).order_by("language")
    texts = rows.values_list("product_id", "language", "name")
    return in_language(texts, language()).get(product.pk, str(product))
