"""Whether a phone is told what becomes of the account's orders."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.pushes import (
    Platform,
    PushNotOffered,
    PushTokenInvalid,
    PushUnavailable,
    forget_push,
    register_push,
)
from accounts.tokens import DeviceNotFound
from shop.api import account_examples as examples
from shop.api.base import ApiView, read
from shop.api.bearer import signed_in
from shop.api.openapi import LANGUAGE, RETRY_AFTER, problems
from shop.api.serializers.accounts import PushBody

DONE = {204: OpenApiResponse(description="Done.")}
REFUSALS = (DeviceNotFound, PushNotOffered, PushTokenInvalid, PushUnavailable)


class PushView(ApiView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="register_push",
        tags=["accounts"],
        summary="Send messages to this device",
        description=(
            "News of the account's orders, in its language. Send it at each start of the app, and"
            " whenever the phone's system gives another token. It ends with the sign-in."
        ),
        parameters=[LANGUAGE, RETRY_AFTER],
        request=PushBody,
        responses=DONE | problems(*REFUSALS, has_body=True),
        examples=[examples.PUSH],
    )
    def put(self, request: Request, device: UUID) -> Response:
        user, _current = signed_in(request)
        body = read(PushBody, request.data)
        register_push(
            user=user, public_id=device, platform=Platform(body["platform"]), token=body["token"]
        )
        return Response(status=204)

    @extend_schema(
        operation_id="forget_push",
        tags=["accounts"],
        summary="Send no more messages to this device",
        description="Safe to repeat.",
        parameters=[LANGUAGE, RETRY_AFTER],
        responses=DONE | problems(DeviceNotFound),
    )
    def delete(self, request: Request, device: UUID) -> Response:
        forget_push(user=signed_in(request)[0], public_id=device)
        return Response(status=204)
