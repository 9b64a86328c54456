"""Signing in, and what an account says of itself."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.pushes import Platform
from accounts.signing_in import LONGEST_PASSWORD
from shop.api.serializers.fields import Body, Email, Shape, Text
from shop.api.serializers.moments import Moment

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class DeviceName(Text):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=100, help_text="By which its owner knows it: `Siti's Pixel 9`.", **options
        )


class LoginBody(Body):
    email = Email(max_length=254)
    # A blank at its end is part of a password.
    password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False)
    device_name = DeviceName()
    code = Text(
        max_length=40,
        required=False,
        help_text=(
            "Of the second factor: six digits as the person's app shows them, or one of the"
            " recovery codes. Not looked at where the account has none."
        ),
    )


class RefreshBody(Body):
    refresh_token = Text(max_length=200)


class EmailBody(Body):
    email = Email(max_length=254)


class NewPassword(Text):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            # A blank at its end is part of a password.
            trim_whitespace=False,
            max_length=LONGEST_PASSWORD,
            help_text="15 characters at least, and not easy to guess.",
            **options,
        )


class LinkToken(Text):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=1000, help_text="The last part of the mailed link's address.", **options
        )


class RegistrationBody(Body):
    token = LinkToken()
    full_name = Text(max_length=120)
    password = NewPassword()
    device_name = DeviceName()


class ResetBody(Body):
    token = LinkToken()
    password = NewPassword()


class ChangePasswordBody(Body):
    current_password = Text(max_length=LONGEST_PASSWORD, trim_whitespace=False)
    password = NewPassword()


class TokensShape(Shape):
    access_token = serializers.CharField(
        source="access", help_text="Goes into `Authorization: Bearer …`."
    )
    refresh_token = serializers.CharField(
        source="refresh", help_text="Good for one `POST auth/refresh`. Keep it safe."
    )
    token_type = serializers.CharField(read_only=True, default="Bearer")
    expires_in = serializers.IntegerField(
        source="seconds", help_text="Seconds for which the access token is good."
    )


class MeShape(Shape):
    id = serializers.UUIDField(source="public_id")
    email = serializers.CharField()
    full_name = serializers.CharField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    joined_at = Moment()


class MeBody(Body):
    full_name = Text(max_length=120, allow_blank=True, required=False)
    language = serializers.ChoiceField(
        choices=LANGUAGES, required=False, help_text="Of the mails to this account."
    )


class DeviceShape(Shape):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    created_at = Moment(help_text="When it was signed in.")
    used_at = Moment(help_text="To the hour, about.")
    is_current = serializers.BooleanField(help_text="Whether it is the one that asks.")


class DeviceListShape(Shape):
    results = DeviceShape(many=True, help_text="The last used first; 20 at most.")


class PushBody(Body):
    platform = serializers.ChoiceField(choices=[str(each) for each in Platform])
    token = Text(
        max_length=4096,
        help_text="Of this app on this phone, from Firebase or Apple. It is not kept here.",
    )
