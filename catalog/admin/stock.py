from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import name_of
from catalog.models import ProductTranslation, StockItem
from shop.core.admin import ModelAdmin, ReadOnly


@admin.register(StockItem)
class StockItemAdmin(ReadOnly, ModelAdmin[StockItem]):
    list_display = ["product", "sku", "location", "on_hand", "reserved", "available"]
    list_filter = ["location"]
    list_select_related = ["variant", "location"]
    search_fields = ["variant__sku", "variant__product__translations__name"]
    show_full_result_count = False
    fields = ["product", "sku", "location", "on_hand", "reserved", "available"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        texts = ProductTranslation.objects.filter(product=OuterRef("variant__product"))
        return (
            super()
            .get_queryset(request)
            .annotate(product_name=name_of(texts), left=F("on_hand") - F("reserved"))
            .order_by("variant__product_id", "variant__position", "variant_id", "pk")
        )

    @admin.display(description=_("product"))
    def product(self, item: Any) -> str | None:
        return item.product_name  # type: ignore[no-any-return]

    @admin.display(description=_("SKU"), ordering="variant__sku")
    def sku(self, item: StockItem) -> str:
        return str(item.variant)

    @admin.display(description=_("available"), ordering="left")
    def available(self, item: Any) -> int:
        return item.left  # type: ignore[no-any-return]
