"""The addresses that an account keeps. An order has a copy, which none of this touches."""

from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedAddress, User
from orders.addresses import Address, checked
from shop.core.errors import DomainError, NotFound

MAX_ADDRESSES = 20


class AddressNotFound(NotFound):
    code = "address_not_found"
    message = _("This address is not in your address book any more.")


class AddressBookFull(DomainError):
    code = "address_book_full"
    message = _("Your address book holds {limit} addresses. Remove one to save another.")

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_ADDRESSES}", limit=MAX_ADDRESSES)


def addresses_of(*, customer_id: int) -> list[SavedAddress]:
    """The one that is filled in at checkout first, then the newest."""
    rows = SavedAddress.objects.filter(user=customer_id)
    return list(rows.order_by("-is_default", "-pk"))


def get_address(*, customer_id: int, public_id: UUID) -> SavedAddress:
    """Raises AddressNotFound, also for somebody else's."""
    row = SavedAddress.objects.filter(user=customer_id, public_id=public_id).first()
    if row is None:
        raise AddressNotFound
    return row


@transaction.atomic
def add_address(
    *, customer_id: int, address: Address, label: str = "", is_default: bool = False
) -> SavedAddress:
    """The first one is the default whatever is asked. One that is there already is not doubled.

    Raises InvalidAddress, InvalidPhone, AddressBookFull; then nothing has changed.
    """
    columns = asdict(checked(address))
    rows = _locked(customer_id)
    known = next((row for row in rows if _is_same(row, columns)), None)
    if known is None and len(rows) >= MAX_ADDRESSES:
        raise AddressBookFull
    row = known or SavedAddress(user_id=customer_id, **columns)
    row.label = label or row.label
    row.save()
    if is_default or not rows:
        _make_default(row)
    return row


@transaction.atomic
def change_address(
    *,
    customer_id: int,
    public_id: UUID,
    address: Address | None = None,
    label: str | None = None,
    is_default: bool = False,
) -> SavedAddress:
    """What is not given stays as it is; a default stays one until another becomes it.

    Raises AddressNotFound, InvalidAddress, InvalidPhone; then nothing has changed.
    """
    row = _find(_locked(customer_id), public_id)
    columns = asdict(checked(address)) if address else {}
    for name, value in columns.items():
        setattr(row, name, value)
    row.label = row.label if label is None else label
    row.save()
    if is_default:
        _make_default(row)
    return row


@transaction.atomic
def remove_address(*, customer_id: int, public_id: UUID) -> None:
    """After the default the newest of the others is it. Raises AddressNotFound."""
    rows = _locked(customer_id)
    row = _find(rows, public_id)
    row.delete()
    others = [each for each in rows if each is not row]
    if row.is_default and others:
        _make_default(others[0])


def as_given(row: SavedAddress) -> Address:
    """What the person would type again: names follow from the region where there is one."""
    names = ("", "", "") if row.region else (row.district, row.city, row.province_name)
    district, city, province = names
    return Address(
        recipient_name=row.recipient_name,
        phone=row.recipient_phone,
        street=row.street,
        postal_code=row.postal_code,
        country=row.country,
        region=row.region,
        rt=row.rt,
        rw=row.rw,
        district=district,
        city=city,
        province=province,
        notes=row.notes,
    )


def _locked(customer_id: int) -> list[SavedAddress]:
    """The newest first; nobody else is at them, nor adds the twenty-first, until this ends."""
    User.objects.select_for_update(no_key=True).get(pk=customer_id)
    return list(SavedAddress.objects.filter(user=customer_id).order_by("-pk"))


def _find(rows: list[SavedAddress], public_id: UUID) -> SavedAddress:
    row = next((row for row in rows if row.public_id == public_id), None)
    if row is None:
        raise AddressNotFound
    return row


def _is_same(row: SavedAddress, columns: dict[str, str]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())


def _make_default(row: SavedAddress) -> None:
    SavedAddress.objects.filter(user=row.user_id, is_default=True).update(is_default=False)
    SavedAddress.objects.filter(pk=row.pk).update(is_default=True)
    row.is_default = True
