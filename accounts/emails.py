"""The mails of an account, sent from the outbox in the language of whom they are for."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.factors import recovery_codes_left
from accounts.invitations import invitation_token
from accounts.links import GOOD_FOR, LinkKind, link_token, registration_token
from accounts.models import Invitation, User
from accounts.models.role import roles_shown
from accounts.new_email import new_email_token
from shop.core import mail, outbox
from shop.core.sealed import unseal


def register_handlers() -> None:
    outbox.register("account-link", send_link)
    outbox.register("password-changed", send_password_changed)
    outbox.register("staff-invitation", send_invitation)
    outbox.register("second-factor", send_factor_changed)
    outbox.register("new-email", send_new_email)
    outbox.register("email-changed", send_email_changed)


def send_link(payload: dict[str, Any]) -> None:
    """Of the outbox: its secret is nowhere but in the mail. A closed account gets none."""
    facts = unseal(payload["sealed"].encode())
    user = User.objects.of_email(facts["email"]).first()
    if user is None:
        token = registration_token(email=facts["email"], language=facts["language"])
        _send(facts["email"], facts["language"], LinkKind.REGISTER, token, asked=facts["kind"])
    elif user.is_active:
        is_reset = facts["kind"] == LinkKind.RESET
        kind = LinkKind.RESET if is_reset else LinkKind.SIGN_IN
        _send(user.email, user.language, kind, link_token(user, kind), asked=facts["kind"])


PAGES = {
    LinkKind.REGISTER: "pages:finish_registration",
    LinkKind.RESET: "pages:finish_reset",
    LinkKind.SIGN_IN: "pages:finish_sign_in",
}


def _send(to: str, language: str, kind: LinkKind, token: str, *, asked: str) -> None:
    with translation.override(language):
        url = settings.PUBLIC_URL + reverse(PAGES[kind], args=[token])
    minutes = int(GOOD_FOR.total_seconds() // 60)
    context = {"kind": str(kind), "asked": asked, "url": url, "minutes": minutes}
    mail.send("account_link", to=to, language=language, context=context)


def send_invitation(payload: dict[str, Any]) -> None:
    """Nothing is sent for one that is withdrawn meanwhile."""
    invitation = Invitation.objects.select_related("invited_by").get(pk=payload["invitation_id"])
    if not invitation.is_good:
        return
    with translation.override(invitation.language):
        path = reverse("pages:accept_invitation", args=[invitation_token(invitation)])
        shown = roles_shown(invitation.roles, is_owner=invitation.is_owner)
        roles = ", ".join(str(role) for role in shown)
    mail.send(
        "staff_invitation",
        to=invitation.email,
        language=invitation.language,
        context={"url": settings.PUBLIC_URL + path, "invitation": invitation, "roles": roles},
    )


def send_new_email(payload: dict[str, Any]) -> None:
    """To the new address: the link, or that it has an account already."""
    facts = unseal(payload["sealed"].encode())
    user = User.objects.get(pk=facts["user_id"])
    is_taken = User.objects.of_email(facts["email"]).exclude(pk=user.pk).exists()
    if not user.is_active:
        return
    with translation.override(user.language):
        if is_taken:
            kind, path = "taken", reverse("pages:ask_sign_in")
        else:
            token = new_email_token(user, facts["email"])
            kind, path = "confirm", reverse("pages:take_email", args=[token])
    context = {"url": settings.PUBLIC_URL + path, "kind": kind}
    mail.send("new_email", to=facts["email"], language=user.language, context=context)


def send_email_changed(payload: dict[str, Any]) -> None:
    """To the old address, which is the account's no longer."""
    facts = unseal(payload["sealed"].encode())
    user = User.objects.get(pk=facts["user_id"])
    context = {"url": settings.PUBLIC_URL, "kind": "changed"}
    mail.send("new_email", to=facts["email"], language=user.language, context=context)


def send_password_changed(payload: dict[str, Any]) -> None:
    user = User.objects.get(pk=payload["user_id"])
    with translation.override(user.language):
        url = settings.PUBLIC_URL + reverse("pages:ask_reset")
    mail.send(
        "password_changed",
        to=user.email,
        language=user.language,
        context={"url": url, "user": user},
    )


def send_factor_changed(payload: dict[str, Any]) -> None:
    user = User.objects.get(pk=payload["user_id"])
    with translation.override(user.language):
        url = settings.PUBLIC_URL + reverse("pages:second_factor")
    mail.send(
        "second_factor",
        to=user.email,
        language=user.language,
        context={
            "url": url,
            "user": user,
            "event": payload["event"],
            "left": recovery_codes_left(user),
        },
    )
