"""Who asks: whoever an access token signs in, or a guest."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import Device, User
from accounts.tokens import InvalidToken, find_device

SCHEME = "bearer"


class BearerAuthentication(BaseAuthentication):
    """A token that is not good is refused, never overlooked: apps would show a guest's answers."""

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        """None for a guest. Raises InvalidToken."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != SCHEME:
            raise InvalidToken
        device = find_device(token=token.strip())
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library has no types
    target_class = BearerAuthentication
    name = SCHEME

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": SCHEME,
            "description": "The `access_token` of `POST auth/login` or `POST auth/refresh`.",
        }


def customer_of(request: Request) -> User | None:
    """Who is signed in; None for a guest."""
    return request.user if isinstance(request.user, User) else None


def customer_id_of(request: Request) -> int | None:
    customer = customer_of(request)
    return customer.pk if customer else None


def signed_in(request: Request) -> tuple[User, Device]:
    """In views that only let in who is signed in."""
    user, device = request.user, request.auth
    if not isinstance(user, User) or not isinstance(device, Device):
        raise InvalidToken
    return user, device
