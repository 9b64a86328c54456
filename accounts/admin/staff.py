"""Colleagues: what they may do, and invitations to join. For owners only."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.invitations import address_of, invite, require_no_colleague, withdraw
from accounts.models import Invitation, InvitationState, Role, User
from accounts.models.role import OWNER, OWNER_LABEL, roles_shown
from shop.core.admin import BigTableAdmin
from shop.core.errors import DomainError

if TYPE_CHECKING:
    InvitationFormBase = forms.ModelForm[Invitation]
else:
    InvitationFormBase = forms.ModelForm

NOTHING = "–"
WHAT_THEY_DO = {
    OWNER: _("everything, and who else may do what"),
    Role.MANAGER: _("goods, prices, stock, orders, returns, refunds, promotions, customers"),
    Role.PACKER: _("packs and sends parcels, receives what comes back"),
    Role.SUPPORT: _("orders, returns, reviews, customers; asks for credit, approves no money"),
    Role.FINANCE: _("payments, refunds, settlements, the books"),
}


class RolesField(forms.MultipleChoiceField):
    """Owner among the roles, as people think of it."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **more: Any) -> None:
        labels = {OWNER: OWNER_LABEL} | {role: role.label for role in Role}
        choices = [
            (str(name), format_lazy("{}: {}", label, WHAT_THEY_DO[name]))
            for name, label in labels.items()
        ]
        super().__init__(choices=choices, label=_("Roles"), **more)


def chosen_roles(names: list[str]) -> tuple[list[Role], bool]:
    """The roles, and whether owner is among them."""
    return [Role(name) for name in names if name != OWNER], OWNER in names


def user_of(request: HttpRequest) -> User:
    """The colleague at work; `admin_view` has let nobody else in."""
    if request.user.is_anonymous:
        raise PermissionDenied
    return request.user


def join_roles(names: list[str], *, is_owner: bool) -> str:
    return ", ".join(str(role) for role in roles_shown(names, is_owner=is_owner)) or NOTHING


class SaysRefusals:
    """A refusal of what a form asks for is said on its page; nothing of it was done."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect(request.path)
        return answer


class InvitationForm(InvitationFormBase):
    roles = RolesField()
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language of the mail"))

    class Meta:
        model = Invitation
        fields = ("email", "roles", "language")

    def clean_email(self) -> str:
        address = address_of(self.cleaned_data["email"])
        try:
            require_no_colleague(address)
        except DomainError as error:
            raise forms.ValidationError(error.user_message) from error
        return address


@admin.register(Invitation)
class InvitationAdmin(SaysRefusals, BigTableAdmin[Invitation]):
    """Asked to join by mail; nothing of an invitation is edited, it is withdrawn."""

    form = InvitationForm
    fields = ("email", "roles", "language")
    list_display = ("email", "roles_shown", "state_shown", "invited_by", "created_at", "expires_at")
    list_display_links = None
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    actions = ("withdraw_chosen",)

    @admin.display(description=_("roles"))
    def roles_shown(self, invitation: Invitation) -> str:
        return join_roles(invitation.roles, is_owner=invitation.is_owner)

    @admin.display(description=_("state"))
    def state_shown(self, invitation: Invitation) -> str | Promise:
        is_over = invitation.state == InvitationState.OPEN and not invitation.is_good
        return _("too old") if is_over else invitation.get_state_display()

    @admin.action(description=_("Withdraw what is chosen"), permissions=["add"])
    def withdraw_chosen(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> None:
        withdrawn = 0
        for invitation in chosen:
            try:
                withdraw(invitation_id=invitation.pk, by=user_of(request))
            except DomainError as error:
                messages.error(request, f"{invitation.email}: {error.user_message}")
            else:
                withdrawn += 1
        if withdrawn:
            text = ngettext("%(n)s invitation withdrawn.", "%(n)s withdrawn.", withdrawn)
            messages.success(request, text % {"n": withdrawn})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: Any) -> None:
        given = form.cleaned_data
        roles, is_owner = chosen_roles(given["roles"])
        invitation = invite(
            email=given["email"],
            roles=roles,
            is_owner=is_owner,
            language=given["language"],
            by=user_of(request),
        )
        obj.pk = invitation.pk
