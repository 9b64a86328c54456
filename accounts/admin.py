"""People for staff: customers to be looked up, colleagues to be let in."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.known_browsers import KNOWN_COOKIE
from accounts.models import User
from accounts.signing_in import LONGEST_PASSWORD, TooManySignIns, WrongSignIn, identify
from accounts.tokens import end_all
from shop.core.clients import network_of

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
    AddForm = AdminUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    BaseUserAdmin = DjangoUserAdmin[User]
else:
    # Django's own classes take no type arguments when the program runs.
    UserForm = forms.ModelForm
    AddForm = AdminUserCreationForm
    ChangeForm = UserChangeForm
    BaseUserAdmin = DjangoUserAdmin

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class StaffSignInForm(AdminAuthenticationForm):
    """Django's own page, with the tries of `accounts.signing_in`."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError; of a customer's password too, in the words of a wrong one."""
        email, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        # Hashing takes longer the more there is of it.
        if email and password and len(password) <= LONGEST_PASSWORD:
            try:
                user = identify(
                    email=email,
                    password=password,
                    network=network_of(self.request.META),
                    known=self.request.COOKIES.get(KNOWN_COOKIE, ""),
                )
            except WrongSignIn as error:
                raise self.get_invalid_login_error() from error
            except TooManySignIns as error:
                raise forms.ValidationError(error.user_message) from error
            self.confirm_login_allowed(user)
            self.user_cache = user
        elif email and password:
            raise self.get_invalid_login_error()
        return self.cleaned_data


admin.site.login_form = StaffSignInForm


class _OneEmailEach(UserForm):
    def clean_email(self) -> str:
        """Siti@ and siti@ are one person: said beside the field, before the constraint has to."""
        email = User.objects.normalize_email(self.cleaned_data["email"])
        others = User.objects.of_email(email).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("There is an account with this e-mail already."))
        return email


class AddUserForm(_OneEmailEach, AddForm):
    class Meta:
        model = User
        fields = ("email", "full_name")
        field_classes: dict[str, Any] = {}


class ChangeUserForm(_OneEmailEach, ChangeForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    """Only a superuser hands out rights or touches a colleague's account.

    Nobody is deleted here: orders and books refer to people. Take `active` away instead.
    """

    form = ChangeUserForm
    add_form = AddUserForm
    list_display = ("email", "full_name", "is_staff", "is_active", "joined_at")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "full_name")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Personal info"), {"fields": ("full_name", "language")}),
        (_("Permissions"), {"fields": ("is_active", *RIGHTS)}),
        (_("Important dates"), {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "full_name", "usable_password", "password1", "password2"),
            },
        ),
    )
    readonly_fields = ("last_login", "joined_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_colleague = obj is not None and (obj.is_staff or obj.is_superuser)
        if is_colleague and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        # Or the apps would be signed in again as soon as the account is active again.
        if not obj.is_active:
            end_all(user=obj)
