"""People for staff: customers to be looked up, colleagues to be let in."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.staff import RolesField, SaysRefusals, chosen_roles, join_roles, user_of
from accounts.factors import take_away
from accounts.models import Role, User
from accounts.models.role import OWNER, OWNER_LABEL
from accounts.roles import employ
from accounts.tokens import end_all

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


# Roles are in their place (`accounts.roles`).
admin.site.unregister(Group)


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
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("language"))

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


class ColleagueForm(ChangeUserForm):
    """What an owner decides beside: the roles, the owner's among them."""

    roles = RolesField(required=False)
    take_factor_away = forms.BooleanField(
        label=_("Take the second step away"),
        help_text=_(
            "For who has lost it, once you have made sure who it is. They are told by mail."
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = [OWNER] if self.instance.is_superuser else []
        self.initial["roles"] = [*owner, *self.instance.roles]

    def clean_roles(self) -> list[Role]:
        """The owner is no role of the column."""
        roles, self.is_owner = chosen_roles(self.cleaned_data["roles"])
        return roles

    is_owner = False


class StaffFilter(admin.SimpleListFilter):
    title = _("roles")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("staff", _("any")), (OWNER, OWNER_LABEL), *Role.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case None:
                return queryset
            case "staff":
                return queryset.filter(is_staff=True)
            case "owner":
                return queryset.filter(is_superuser=True)
            case role:
                return queryset.filter(roles__contains=[role])


@admin.register(User)
class UserAdmin(SaysRefusals, BaseUserAdmin):
    """Only an owner hands out roles or touches a colleague's account.

    Nobody is deleted here: orders and books refer to people. Take `active` away instead.
    """

    form = ChangeUserForm
    add_form = AddUserForm
    list_display = ("email", "full_name", "shown_roles", "is_active", "joined_at")
    list_filter = (StaffFilter, "is_active")
    search_fields = ("email", "full_name")
    ordering = ("-pk",)
    sortable_by = ()
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Personal info"), {"fields": ("full_name", "language")}),
        (_("Permissions"), {"fields": ("is_active",)}),
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
    readonly_fields = ("last_login", "joined_at", "factor_since")

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        if obj is not None and request.user.is_superuser:
            kwargs["form"] = ColleagueForm
        return super().get_form(request, obj, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Single rights are for what no role has; a colleague needs a role beside them."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        if obj.factor_since:
            fields = ("factor_since", "take_factor_away")
            fieldsets = [*fieldsets, (_("Second step when signing in"), {"fields": fields})]
        roles = (_("Roles"), {"fields": ("roles",)})
        more = {"classes": ("collapse",), "fields": ("user_permissions",)}
        return [*fieldsets, roles, (_("Single rights beside the roles"), more)]

    @admin.display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        return join_roles(user.roles, is_owner=user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_colleague = obj is not None and (obj.is_staff or obj.is_superuser)
        if is_colleague and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        # Of a colleague's page only what was changed on it: password and second step are theirs.
        named = {field.name for field in User._meta.concrete_fields} & set(form.changed_data)
        obj.save(update_fields=named if change else None)
        if isinstance(form, ColleagueForm):
            if form.cleaned_data["take_factor_away"]:
                take_away(user=obj, by=f"user {user_of(request).pk}")
            employ(
                user=obj,
                roles=form.cleaned_data["roles"],
                is_owner=form.is_owner,
                is_active=obj.is_active,
                by=user_of(request),
            )
        # Or the apps would be signed in again as soon as the account is active again.
        if not obj.is_active:
            end_all(user=obj)
