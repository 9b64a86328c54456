"""What people say of themselves: name, language, and the e-mail address they sign in with."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import EmailForm, ProfileForm
from accounts.models import User
from accounts.new_email import EmailTaken, ask_for_email, read_new_email, take_email
from accounts.profile import change_profile
from shop.core.clients import network_of
from shop.core.throttle import Throttled
from shop.pages.account import show_form
from shop.pages.account_devices import keep_this_one_only
from shop.pages.second_step import for_owner


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The language is that of mails; the pages go on in it too."""
    user = request.user
    if not isinstance(user, User):
        return redirect("pages:sign_in")
    given = {"full_name": user.full_name, "language": user.language}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_valid():
        change_profile(user=user, **form.cleaned_data)
        with override(user.language):
            messages.success(request, _("Your details are saved."))
            return redirect(reverse("pages:account"))
    return show_form(
        request,
        form,
        title=_("Name and language"),
        text=_("We write to you in this language."),
        button=_("Save"),
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_owner
def change_email(request: HttpRequest, user: User) -> HttpResponse:
    """The answer is the same for every address; nothing changes before the mailbox is proved."""
    form = EmailForm(request.POST or None)
    status = 422 if form.errors else 200
    if form.is_valid():
        try:
            email = form.cleaned_data["email"]
            ask_for_email(user=user, email=email, network=network_of(request.META))
        except Throttled as error:
            form.add_error(None, error.user_message)
            status = error.status
        else:
            return redirect("pages:link_sent")
    text = _("You sign in with %(email)s. Confirm the new address with the link we mail to it.")
    return show_form(
        request,
        form,
        title=_("Another e-mail address"),
        text=text % {"email": user.email},
        button=_("Mail me a link"),
        status=status,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish_email(request: HttpRequest, token: str) -> HttpResponse:
    """For who is signed in to the account that asked, and for nobody else.

    All other sign-ins end: the account is known by another address now.
    """
    user = request.user
    if not isinstance(user, User):
        # Without the link in the address: it is opened from the mail again.
        messages.info(request, _("Sign in to your account first. Then open the link once more."))
        goal = urlencode({"next": reverse("pages:account")})
        return redirect(f"{reverse('pages:sign_in')}?{goal}")
    email = read_new_email(token, user_id=user.pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            user = take_email(token, user_id=user.pk)
        except EmailTaken as error:
            form.add_error(None, error.user_message)
            status = error.status
        else:
            answer = redirect("pages:account")
            keep_this_one_only(request, answer, user)
            text = _("From now on you sign in with %(email)s.")
            messages.success(request, text % {"email": email})
            return answer
    return show_form(
        request,
        form,
        title=_("Another e-mail address"),
        text=_("%(email)s becomes the address of your account.") % {"email": email},
        button=_("Take this address"),
        status=status,
    )
