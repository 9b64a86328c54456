"""Forms of a product: the few fields of a new one, and its details."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import NOTHING, category_choices
from catalog.admin.product_pages import conflict_text, currency, read_moment
from catalog.editing.products import StockLeftBehind, require_nothing_left
from catalog.editing.texts import free_slug
from catalog.editing.typed import NotReadable, read_amount
from catalog.models import Product, ProductTranslation, Seller
from shop.core.admin import BaseInlineFormSet, ModelForm
from shop.core.choosing import choice_field


class NewProductForm(forms.Form):
    """All that it takes: names by language, category, price; a seller where there are several."""

    category = forms.TypedChoiceField(label=_("Category"), coerce=int)
    price = forms.CharField(
        label=_("Price"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Of all variants; you can change single ones afterwards."),
    )
    seller = forms.ModelChoiceField(Seller.objects.order_by("name"), label=_("Seller"))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, label_suffix="")
        names = {}
        for code, language in settings.LANGUAGES:
            label = gettext("Name in %(language)s") % {"language": language}
            names[f"name_{code}"] = forms.CharField(
                label=label, max_length=200, required=code == settings.LANGUAGE_CODE
            )
        self.fields = {**names, **self.fields}
        choice_field(self, "category").choices = [("", NOTHING), *category_choices()]
        sellers = list(Seller.objects.order_by("pk")[:2])
        if len(sellers) == 1:
            self.only_seller = sellers[0]
            del self.fields["seller"]

    def clean_price(self) -> int | None:
        text = self.cleaned_data["price"].strip()
        try:
            return read_amount(text, currency()) if text else None
        except NotReadable as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        return {"seller": getattr(self, "only_seller", None), **self.cleaned_data}

    def names(self) -> dict[str, str]:
        """Language → name, for the languages in which there is one."""
        names = {code: self.cleaned_data.get(f"name_{code}") for code, _name in settings.LANGUAGES}
        return {code: name for code, name in names.items() if name}


class ProductForm(ModelForm[Product]):
    """`seen` is the product's `updated_at` when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if is_out_of_date(self.data, self.instance):
            since = read_moment(self.data.get("seen", "")) or self.instance.created_at
            self.data = {**dict(self.data.items()), "seen": self.initial["seen"]}
            show_stored(self)
            raise ValidationError(conflict_text(self.instance, since=since))
        self.check_seller(cleaned.get("seller"))
        return cleaned

    def check_seller(self, seller: Seller | None) -> None:
        if seller is None or "seller" not in self.changed_data:
            return
        try:
            require_nothing_left(self.instance, seller_pk=seller.pk)
        except StockLeftBehind as error:
            self.add_error("seller", error.user_message)


def is_out_of_date(data: Mapping[str, Any], product: Product) -> bool:
    """Whether somebody saved the product after the page was opened; it has to be locked."""
    return data.get("seen") != product.updated_at.isoformat()


def show_stored(form: ModelForm[Any]) -> None:
    """Below each field that says something else: what the shop has now."""
    for name in form.changed_data:
        stored = form.initial.get(name)
        if name != "seen" and form.instance.pk:
            shown = _("In the shop now: %(value)s") % {"value": stored or NOTHING}
            # The field itself has been asked for its text already.
            form[name].help_text = shown


class ProductTextForm(ModelForm[ProductTranslation]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "The end of the page's address. Empty: made of the name. Old addresses lead to the"
                " new one."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("slug") and cleaned.get("name") and cleaned.get("language"):
            cleaned["slug"] = free_slug(
                cleaned["name"], language=cleaned["language"], product_pk=self.instance.product_id
            )
        return cleaned


class ProductTextFormSet(
    BaseInlineFormSet[ProductTranslation, Product, ModelForm[ProductTranslation]]
):
    instance: Product

    def clean(self) -> None:
        super().clean()
        if is_out_of_date(self.data, self.instance):
            for form in self.forms:
                show_stored(form)
        kept = {
            form.cleaned_data.get("language")
            for form in self.forms
            if form.cleaned_data.get("name") and not form.cleaned_data.get("DELETE")
        }
        if self.instance.is_published and settings.LANGUAGE_CODE not in kept:
            language = dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
            raise ValidationError(
                gettext("Customers see this product: it needs its name in %(language)s.")
                % {"language": language}
            )
