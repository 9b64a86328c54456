"""The page on which a colleague who was invited says yes. To open it changes nothing."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import RegistrationForm
from accounts.invitations import accept, read_invitation
from accounts.models.role import roles_shown
from shop.pages.account import show_form, welcome


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has an account keeps it and signs in to it afterwards, as always."""
    invitation, user = read_invitation(token)
    data = request.POST if request.method == "POST" else None
    form = (forms.Form if user else RegistrationForm)(data)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            colleague = accept(token, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
            status = 422
        else:
            goal = reverse("admin:index")
            return redirect(goal) if user else welcome(request, colleague, goal)
    roles = roles_shown(invitation.roles, is_owner=invitation.is_owner)
    text = _("%(email)s will work as: %(roles)s.") % {
        "email": invitation.email,
        "roles": ", ".join(str(role) for role in roles),
    }
    return show_form(
        request,
        form,
        title=_("Work with us"),
        text=text if user else " ".join([text, _("Choose a password for your account.")]),
        button=_("Say yes"),
        status=status,
    )
