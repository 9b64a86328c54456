"""The page on which people get a copy of what the shop keeps of them."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.exporting import KEPT_FOR, NoSuchExport, ask_for_export, exports_of, read_export
from accounts.models import User
from shop.core.throttle import Throttled
from shop.pages.second_step import for_owner


@require_http_methods(["GET", "HEAD", "POST"])
@for_owner
def own_data(request: HttpRequest, user: User) -> HttpResponse:
    if request.method == "POST":
        try:
            ask_for_export(user=user)
        except Throttled as error:
            messages.error(request, error.user_message)
        else:
            messages.success(
                request, _("We are putting your data together and write to you when it is ready.")
            )
        return redirect("pages:own_data")
    context = {"exports": exports_of(user), "days": KEPT_FOR.days}
    return render(request, "accounts/data.html", context)


@require_safe
@for_owner
def download_data(request: HttpRequest, user: User, public_id: UUID) -> HttpResponse:
    try:
        archive = read_export(user=user, public_id=public_id)
    except NoSuchExport as error:
        raise Http404 from error
    answer = HttpResponse(archive, content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="data.zip"'
    return answer
