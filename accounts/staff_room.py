"""The door of the admin: who works there signs in as everybody does, and with a second factor."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from accounts.factor_sessions import has_shown_factor
from accounts.models import User


class StaffRoom(AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """Asked by every page: a session that was begun without the factor opens none."""
        user = request.user
        return (
            super().has_permission(request)
            and isinstance(user, User)
            and has_shown_factor(request.session, user)
        )

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """No form of its own: it leads to what is missing. For customers there is nothing."""
        user = request.user
        if self.has_permission(request):
            return redirect("admin:index")
        if user.is_anonymous:
            page = "pages:sign_in"
        elif not super().has_permission(request):
            raise PermissionDenied
        else:
            page = "pages:confirm" if user.factor_since else "pages:set_up_app"
        # Whichever it is goes on to pages of ours only.
        goal = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse(page)}?{urlencode({'next': goal})}")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Django's own neither counts the tries of the old one nor tells by mail."""
        return redirect("pages:change_password")
