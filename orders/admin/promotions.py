"""Promotions, their codes, and taxes: what changes a total besides the prices."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.translations import TranslatedAdmin, TranslationInline
from orders.models import (
    Coupon,
    Promotion,
    PromotionKind,
    PromotionTier,
    PromotionTranslation,
    PromotionUse,
    PromotionUseState,
    TaxRate,
)
from orders.promotions.uses import recount
from orders.taxes import untaxed_classes
from shop.core.admin import (
    BaseInlineFormSet,
    ModelAdmin,
    ModelForm,
    ReadOnly,
    TabularInline,
)


class PromotionForm(ModelForm[Promotion]):
    class Meta:
        model = Promotion
        fields = "__all__"

    def clean_max_uses(self) -> int | None:
        """No fewer than have been used: those orders stand."""
        self.instance.uses = _taken(promotion=self.instance.pk)
        return _enough(self.cleaned_data["max_uses"], self.instance.uses)


class CouponForm(ModelForm[Coupon]):
    class Meta:
        model = Coupon
        fields = ("code", "is_active", "max_uses")

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).upper()

    def clean_max_uses(self) -> int | None:
        self.instance.uses = _taken(coupon=self.instance.pk)
        return _enough(self.cleaned_data["max_uses"], self.instance.uses)


def _taken(**of: int | None) -> int:
    if None in of.values():
        return 0
    return PromotionUse.objects.filter(**of, state=PromotionUseState.TAKEN).count()


def _enough(limit: int | None, taken: int) -> int | None:
    if limit is not None and limit < taken:
        text = gettext("It has been used %(count)s times already. Enter at least that many.")
        raise forms.ValidationError(text % {"count": taken})
    return limit


class TierFormSet(BaseInlineFormSet[PromotionTier, Promotion, ModelForm[PromotionTier]]):
    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in filled if not form.cleaned_data.get("DELETE")]
        if self.instance.kind == PromotionKind.TIERED and not kept:
            raise forms.ValidationError(_("Enter at least one tier."))


class CouponFormSet(BaseInlineFormSet[Coupon, Promotion, ModelForm[Coupon]]):
    def clean(self) -> None:
        super().clean()
        codes = [form for form in self.forms if form.has_changed() or form.instance.pk]
        if codes and not self.instance.needs_code:
            raise forms.ValidationError(
                _("What has codes applies with a code only: tick that above, or remove the codes.")
            )


class PromotionTranslationInline(TranslationInline[PromotionTranslation, Promotion]):
    model = PromotionTranslation


class PromotionTierInline(TabularInline[PromotionTier, Promotion]):
    model = PromotionTier
    formset = TierFormSet
    extra = 0


class CouponInline(TabularInline[Coupon, Promotion]):
    model = Coupon
    form = CouponForm
    formset = CouponFormSet
    extra = 0
    readonly_fields = ("used",)

    @admin.display(description=_("used"))
    def used(self, coupon: Coupon) -> int:
        return _taken(coupon=coupon.pk)


@admin.register(Promotion)
class PromotionAdmin(TranslatedAdmin[Promotion]):
    form = PromotionForm
    inlines = (PromotionTranslationInline, PromotionTierInline, CouponInline)
    list_display = ("name", "kind", "needs_code", "is_active", "valid_from", "valid_until")
    list_filter = ("is_active", "needs_code", "kind")
    search_fields = ("name", "coupons__code")
    search_help_text = _("name or code")
    ordering = ("-is_active", "priority", "-pk")
    autocomplete_fields = ("products", "categories")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("name", "is_active", "needs_code", "valid_from", "valid_until")}),
        (
            _("What it gives"),
            {
                "fields": (
                    "kind",
                    "currency",
                    "percent",
                    "amount_minor",
                    ("buy", "get"),
                    "max_discount_minor",
                )
            },
        ),
        (
            _("When it applies"),
            {
                "fields": (
                    "minimum_minor",
                    "products",
                    "categories",
                    "excludes_reduced",
                    "first_order_only",
                )
            },
        ),
        (
            _("How often, and with which others"),
            {"fields": ("max_uses", "max_uses_per_customer", "combines", "priority")},
        ),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_related(request, form, formsets, change)
        recount(promotion_id=form.instance.pk)


@admin.register(PromotionUse)
class PromotionUseAdmin(ReadOnly, ModelAdmin[PromotionUse]):
    """Who used what: the orders that had a promotion."""

    list_display = ("order", "promotion", "coupon", "amount_minor", "state", "created_at")
    list_select_related = ("order", "promotion", "coupon")
    list_filter = ("state",)
    search_fields = ("order__number", "coupon__code")
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(TaxRate)
class TaxRateAdmin(ModelAdmin[TaxRate]):
    list_display = ("name", "country", "tax_class", "rate", "valid_from", "valid_until")
    ordering = ("country", "tax_class", "-valid_from")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        for tax_class in untaxed_classes():
            text = _(
                "Sellers who are registered for tax sell goods of the class “%s” and no rate holds"
                " for them today: no tax is charged."
            )
            messages.warning(request, text % tax_class)
        return super().changelist_view(request, extra_context)
