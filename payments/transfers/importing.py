"""Taking a bank statement in: each of its lines once. No money is booked yet."""

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from payments.models import BankStatement, StatementLine
from payments.transfers.reading import read_movements
from shop.core.errors import DomainError


class NothingNew(DomainError):
    code = "nothing_new"
    status = 422
    message = _("No money came in that is not known already: the file has {known} known lines.")

    def __init__(self, known: int) -> None:
        super().__init__(f"{known} known lines", known=known)


@transaction.atomic
def take_statement(*, name: str, content: bytes, today: date, user_id: int | None) -> BankStatement:
    """Keep the lines of money that came in and was not known: each line once, whatever files it is
    in and however often they come.

    Raises NothingNew, and what `read_movements` raises; then nothing has changed.
    """
    movements = read_movements(content, today=today)
    statement = BankStatement.objects.create(
        name=name[:120],
        uploaded_by_id=user_id,
        first_on=movements.first_on,
        last_on=movements.last_on,
        outgoing=movements.outgoing,
        pending=movements.pending,
        uneven=movements.uneven,
    )
    rows = [
        StatementLine(
            statement=statement,
            key=credit.key,
            position=credit.position,
            booked_on=credit.booked_on,
            amount_minor=credit.amount_minor,
            currency=settings.DEFAULT_CURRENCY,
            description=credit.description,
        )
        # In one order of locks: two who read in the same file wait for each other, no more.
        for credit in sorted(movements.credits, key=lambda credit: credit.key)
    ]
    StatementLine.objects.bulk_create(rows, ignore_conflicts=True)
    statement.known = len(rows) - statement.lines.count()
    if statement.known == len(rows):
        raise NothingNew(len(rows))
    statement.save(update_fields=["known"])
    return statement
