"""Refusals: a fact with a stable code, a sentence for the person, data for the machine."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Base of every refusal. Subclasses live beside the function that raises them.

    `code` is part of the API and never changes. `status` is the HTTP status where a view answers
    with it. `message` is what a customer reads: what happened and what to do.
    """

    code = "refused"
    status = 409
    message: str | Promise = _("That is not possible right now. Please try again.")

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.code)
        self.extra: Mapping[str, object] = extra

    @property
    def user_message(self) -> str:
        """The sentence in the active language, with the facts of this refusal filled in."""
        return str(self.message).format(**self.extra) if self.extra else str(self.message)


class NotFound(DomainError):
    code = "not_found"
    status = 404
    message = _("We could not find that.")


class InvalidTransition(DomainError):
    """A state machine was asked for a step that its table does not have."""

    code = "invalid_transition"
    message = _("This has already moved on. Reload the page to see where it stands.")
