"""Orders that are ready to be placed: everything before the transaction is done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from django.conf import settings

from catalog.models import Variant
from orders.addresses import Address, Contact
from orders.buyers import buyer_of
from orders.checkout import Checkout, prepare, quote_cart
from orders.models import Cart, CartLine
from orders.places import Destination
from payments.checkout import Placed, _place
from payments.gateways.methods import offered_for
from payments.models import PaymentAttempt
from shop.core.idempotency import RequestKey

ADDRESS = Address(
    recipient_name="Pembeli",
    phone="081234567890",
    street="Jl. Braga 1",
    region="32.73.19",
    postal_code="40111",
    country="ID",
)
WHERE = Destination("ID", "32", "32.73.19", "40111")


@dataclass(frozen=True, slots=True)
class Draft:
    """One buyer's order; placing it is one transaction and asks nobody."""

    request: RequestKey
    checkout: Checkout

    def place(self) -> tuple[Placed, PaymentAttempt | None]:
        [spec] = [one for one in offered_for(self.checkout.total) if one.code == "dana"]
        return _place(self.request, self.checkout, spec=spec, details={}, tenders=[])


def drafts(number: int, skus: int) -> Iterator[Draft]:
    """Each of another person; the variants in turn. What is read is read once for each variant."""
    variants = list(Variant.objects.order_by("pk")[:skus])
    patterns = [_pattern(variant) for variant in variants]
    carts = Cart.objects.bulk_create(
        Cart(token=uuid4(), currency=settings.DEFAULT_CURRENCY) for _ in range(number)
    )
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=variants[place % skus], quantity=1, seen_price_minor=149_000)
        for place, cart in enumerate(carts)
    )
    for place, cart in enumerate(Cart.objects.filter(pk__in=[cart.pk for cart in carts])):
        yield _draft(patterns[place % skus], cart)


def _pattern(variant: Variant) -> Checkout:
    cart = Cart.objects.create(currency=settings.DEFAULT_CURRENCY)
    CartLine.objects.create(cart=cart, variant=variant, quantity=1, seen_price_minor=149_000)
    quoted = quote_cart(cart=cart, destination=WHERE, language="id")
    return prepare(
        cart_token=cart.token,
        contact=_contact(uuid4()),
        address=ADDRESS,
        shipping={key: option.code for key, option in quoted.chosen.items()},
        language="id",
        expected_total=quoted.priced.total,
    )


def _draft(pattern: Checkout, cart: Cart) -> Draft:
    person = uuid4()
    contact = _contact(person)
    address = replace(pattern.address, street=f"Jl. {person.hex}")
    checkout = replace(
        pattern,
        cart=cart,
        priced=replace(pattern.priced, token=cart.token),
        contact=contact,
        address=address,
        buyer=buyer_of(customer_id=None, contact=contact, address=address),
    )
    key = RequestKey(f"api:orders:{cart.token}", person.hex, person.hex * 2)
    return Draft(key, checkout)


def _contact(person: UUID) -> Contact:
    return Contact(f"{person.hex}@example.com", f"+62812{str(person.int)[-8:]}")
