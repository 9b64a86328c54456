"""What the checkout knows of who is signed in: e-mail and the addresses of their account."""

from dataclasses import asdict, dataclass
from functools import cached_property

from django.contrib import messages
from django.http import HttpRequest

from accounts.models import SavedAddress
from orders.address_book import AddressBookFull, add_address, addresses_of, as_given
from orders.forms import CheckoutForm

# The button that fills in the address that is chosen, and the field that names it.
USE, SAVED = "use_saved", "saved"


@dataclass(frozen=True)
class KnownAddresses:
    request: HttpRequest

    @property
    def email(self) -> str:
        """Empty for guests."""
        user = self.request.user
        return user.email if user.is_authenticated else ""

    @cached_property
    def rows(self) -> list[SavedAddress]:
        """The default first; none for guests. Read once, and only where they are shown."""
        user = self.request.user
        return addresses_of(customer_id=user.pk) if user.is_authenticated else []

    @property
    def chosen(self) -> str:
        named = self.request.POST.get(SAVED, "")
        return named or (str(self.rows[0].public_id) if self.rows else "")

    def filled_in(self) -> dict[str, str]:
        """What the form shows: what was typed, until an address is asked for."""
        typed = {name: str(value) for name, value in self.request.POST.items()}
        if self.request.method == "POST" and USE not in typed:
            return typed
        given = {"email": self.email} | typed if self.email else typed
        row = next((row for row in self.rows if str(row.public_id) == self.chosen), None)
        if row is None:
            return given
        # What was typed of another place is not mixed with this one.
        kept = {name: value for name, value in given.items() if not name.startswith("region")}
        return kept | asdict(as_given(row))

    def keep_of(self, form: CheckoutForm) -> None:
        """Where the box is ticked. The order stands, whether the book has room or not."""
        if not self.request.user.pk or not form.cleaned_data["keeps_address"]:
            return
        try:
            add_address(customer_id=self.request.user.pk, address=form.address())
        except AddressBookFull as error:
            messages.warning(self.request, error.user_message)
