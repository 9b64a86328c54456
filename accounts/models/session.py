from hashlib import sha256

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.models.user import User


class Session(AbstractBaseSession):
    """A browser's session. Whose it is stands in a column, so that an account's can be ended."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", null=True)
    # How the browser calls itself, and when it was signed in.
    agent = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """Names it on pages; its key, which lets in, stays in the browser's cookie."""
        return sha256(f"session {self.session_key}".encode()).hexdigest()[:32]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        from accounts.sessions import SessionStore as Store  # noqa: PLC0415 - it needs this model

        return Store
