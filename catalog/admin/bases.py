"""Django's admin classes with the type arguments that its own ones do not take at run time."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline
    TabularInline = admin.TabularInline
    ModelForm = forms.ModelForm
    BaseInlineFormSet = forms.BaseInlineFormSet
    ModelChoiceField = forms.ModelChoiceField
else:

    def _subscriptable(base):
        return type(base.__name__, (base,), {"__class_getitem__": classmethod(lambda cls, _: cls)})

    ModelAdmin = _subscriptable(admin.ModelAdmin)
    StackedInline = _subscriptable(admin.StackedInline)
    TabularInline = _subscriptable(admin.TabularInline)
    ModelForm = _subscriptable(forms.ModelForm)
    BaseInlineFormSet = _subscriptable(forms.BaseInlineFormSet)
    ModelChoiceField = _subscriptable(forms.ModelChoiceField)


class ReadOnly:
    """Rows that staff reads and only the shop's operations write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
