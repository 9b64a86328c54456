"""Signing in on a device, and the account of whoever is."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.factors import SecondFactorNeeded, TooManyCodes, WrongCode, ask_for_factor
from accounts.models import Device
from accounts.profile import change_profile
from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from accounts.tokens import DeviceNotFound, InvalidRefreshToken
from shop.api import account_examples as examples
from shop.api.base import ApiView, read, shown
from shop.api.bearer import signed_in
from shop.api.openapi import LANGUAGE, RETRY_AFTER, problems
from shop.api.serializers.accounts import (
    DeviceListShape,
    LoginBody,
    MeBody,
    MeShape,
    RefreshBody,
    TokensShape,
)
from shop.core.clients import network_of

DONE = {204: OpenApiResponse(description="Done.")}


class LoginView(ApiView):
    permission_classes = [AllowAny]
    # An app that sends its old token with everything may sign in all the same.
    authentication_classes = []

    @extend_schema(
        operation_id="sign_in",
        tags=["accounts"],
        summary="Sign in on a device",
        description=(
            "The answer is the same whether the address has no account or the password is wrong."
            " An account is signed in on 20 devices at most; the one unused for longest makes room."
            " Where the account has a second factor, `second_factor_needed` says so once the"
            " password was right: send the same request again with `code`. A code is good once."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=LoginBody,
        responses={200: TokensShape}
        | problems(
            WrongSignIn,
            TooManySignIns,
            SecondFactorNeeded,
            WrongCode,
            TooManyCodes,
            has_body=True,
        ),
        examples=[examples.LOGIN, examples.LOGIN_WITH_CODE, examples.TOKENS],
    )
    def post(self, request: Request) -> Response:
        body = read(LoginBody, request.data)
        name, code = body.pop("device_name"), body.pop("code", "")
        network = network_of(request.META)
        user = identify(**body, network=network)
        ask_for_factor(user=user, code=code, network=network)
        return Response(shown(TokensShape, tokens.begin(user=user, device_name=name)))


class RefreshView(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(
        operation_id="refresh_tokens",
        tags=["accounts"],
        summary="Exchange the refresh token for a new pair",
        description=(
            "The pair before ends at once. A refresh token is good once: coming a second time it"
            " ends the sign-in, since it was copied. Only if the answer was lost may the same one"
            " be sent again, within 30 seconds and before the new pair was used; it then gives"
            " another pair, and the lost one is worth nothing. Ask from one place at a time."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=RefreshBody,
        responses={200: TokensShape} | problems(InvalidRefreshToken, has_body=True),
        examples=[examples.RENEW, examples.TOKENS],
    )
    def post(self, request: Request) -> Response:
        token = read(RefreshBody, request.data)["refresh_token"]
        return Response(shown(TokensShape, tokens.refresh(token=token)))


class LogoutView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sign_out",
        tags=["accounts"],
        summary="Sign out on this device",
        description="Both its tokens are worth nothing from then on.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=None,
        responses=DONE | problems(),
    )
    def post(self, request: Request) -> Response:
        user, device = signed_in(request)
        tokens.end(user=user, public_id=device.public_id)
        return Response(status=204)


class MeView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="get_me",
        tags=["accounts"],
        summary="Show the account",
        description="Of whoever the access token signs in.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: MeShape} | problems(),
        examples=[examples.ME],
    )
    def get(self, request: Request) -> Response:
        return Response(shown(MeShape, signed_in(request)[0]))

    @extend_schema(
        operation_id="change_me",
        tags=["accounts"],
        summary="Change the account",
        description="What is left out stays. An e-mail address is not changed here.",
        parameters=[LANGUAGE, RETRY_AFTER],
        request=MeBody,
        responses={200: MeShape} | problems(has_body=True),
        examples=[examples.CHANGE, examples.ME],
    )
    def patch(self, request: Request) -> Response:
        user, _device = signed_in(request)
        changed = change_profile(user=user, **read(MeBody, request.data))
        return Response(shown(MeShape, changed))


class DeviceListView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="list_devices",
        tags=["accounts"],
        summary="List the devices on which the account is signed in",
        description="Apps only; browsers are not among them.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses={200: DeviceListShape} | problems(),
        examples=[examples.DEVICES],
    )
    def get(self, request: Request) -> Response:
        user, current = signed_in(request)
        devices = _listed(tokens.devices_of(user), current)
        return Response(shown(DeviceListShape, {"results": devices}))

    @extend_schema(
        operation_id="sign_out_elsewhere",
        tags=["accounts"],
        summary="Sign out on all other devices",
        description="The one that asks stays signed in. Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses=DONE | problems(),
    )
    def delete(self, request: Request) -> Response:
        user, device = signed_in(request)
        tokens.end_all(user=user, but=device)
        return Response(status=204)


class DeviceView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="sign_out_device",
        tags=["accounts"],
        summary="Sign out on that device",
        description="Another account's device answers as one that does not exist.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses=DONE | problems(DeviceNotFound),
    )
    def delete(self, request: Request, device: UUID) -> Response:
        tokens.end(user=signed_in(request)[0], public_id=device)
        return Response(status=204)


def _listed(devices: list[Device], current: Device) -> list[dict[str, Any]]:
    return [
        {
            "public_id": each.public_id,
            "name": each.name,
            "created_at": each.created_at,
            "used_at": each.used_at,
            "is_current": each.pk == current.pk,
        }
        for each in devices
    ]
