"""Registering and passwords: what a mailed link proves, and what the old password does."""

from typing import Any

from django.core.exceptions import ValidationError as Refused
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.links import LinkInvalid, LinkKind, ask_for_link, register, reset_password
from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from shop.api import account_examples as examples
from shop.api.base import ApiView, language_of_request, read, shown
from shop.api.bearer import signed_in
from shop.api.openapi import LANGUAGE, RETRY_AFTER, problems
from shop.api.serializers.accounts import (
    ChangePasswordBody,
    EmailBody,
    RegistrationBody,
    ResetBody,
    TokensShape,
)
from shop.core.clients import network_of
from shop.core.throttle import Throttled

MAILED = {202: OpenApiResponse(description="Look into the mailbox.")}
SAME = "The answer is the same for every address, whether it has an account or not."


class RegisterView(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="register",
        tags=["accounts"],
        summary="Begin an account",
        description=(
            f"{SAME} A link is mailed to it, good for 30 minutes; its token goes into"
            " `POST auth/verify-email`. Who has an account already is mailed a link to sign in."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=EmailBody,
        responses=MAILED | problems(Throttled, has_body=True),
        examples=[examples.EMAIL],
    )
    def post(self, request: Request) -> Response:
        return _mail_link(request, LinkKind.REGISTER)


class VerifyEmailView(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="verify_email",
        tags=["accounts"],
        summary="Finish an account, signed in on this device",
        description=(
            "There is no account before this. The token is worth nothing once its address has one."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=RegistrationBody,
        responses={201: TokensShape} | problems(LinkInvalid, has_body=True),
        examples=[examples.REGISTRATION, examples.TOKENS],
    )
    def post(self, request: Request) -> Response:
        body = read(RegistrationBody, request.data)
        name = body.pop("device_name")
        try:
            user = register(**body)
        except Refused as error:
            raise _of_password(error) from error
        return Response(shown(TokensShape, tokens.begin(user=user, device_name=name)), status=201)


class ResetPasswordView(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="ask_password_reset",
        tags=["accounts"],
        summary="Ask for a new password",
        description=f"{SAME} A link is mailed to it; its token goes into `PUT`.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=EmailBody,
        responses=MAILED | problems(Throttled, has_body=True),
        examples=[examples.EMAIL],
    )
    def post(self, request: Request) -> Response:
        return _mail_link(request, LinkKind.RESET)

    @extend_schema(
        operation_id="reset_password",
        tags=["accounts"],
        summary="Choose a new password by the mailed token",
        description="All sign-ins end. Then sign in with the new password.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=ResetBody,
        responses={204: OpenApiResponse(description="Done.")}
        | problems(LinkInvalid, has_body=True),
        examples=[examples.RESET],
    )
    def put(self, request: Request) -> Response:
        try:
            reset_password(**read(ResetBody, request.data))
        except Refused as error:
            raise _of_password(error) from error
        return Response(status=204)


class ChangePasswordView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="change_password",
        tags=["accounts"],
        summary="Change the password",
        description=(
            "All other sign-ins end, and so does the pair in hand: go on with that of the answer."
            " Tries count as those of `POST auth/login` do."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=ChangePasswordBody,
        responses={200: TokensShape} | problems(WrongSignIn, TooManySignIns, has_body=True),
        examples=[examples.CHANGE_PASSWORD, examples.TOKENS],
    )
    def post(self, request: Request) -> Response:
        user, device = signed_in(request)
        body = read(ChangePasswordBody, request.data)
        identify(
            email=user.email, password=body["current_password"], network=network_of(request.META)
        )
        try:
            pair = tokens.change_password(device=device, password=body["password"])
        except Refused as error:
            raise _of_password(error) from error
        return Response(shown(TokensShape, pair))


def _mail_link(request: Request, kind: LinkKind) -> Response:
    body: dict[str, Any] = read(EmailBody, request.data)
    language, network = language_of_request(), network_of(request.META)
    ask_for_link(kind=kind, email=body["email"], language=language, network=network)
    return Response(status=202)


def _of_password(error: Refused) -> ValidationError:
    return ValidationError({"password": get_error_detail(error)})
