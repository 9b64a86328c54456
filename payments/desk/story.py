"""What happened, in words for whoever stands in the shop."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from payments.desk.facts import Facts
from payments.models import PaymentException

Kind = PaymentException.Kind


def tell_story(facts: Facts) -> str:
    """One or two sentences with the numbers, in the active language."""
    template = _STORIES.get(Kind(facts.exception.kind), _of_its_note)(facts)
    return _(template) % {
        "amount": _amount(facts),
        "total": facts.order.total.format() if facts.order else "–",
        "order": facts.order.number if facts.order else "–",
        "missing": facts.missing.format() if facts.missing else "–",
        "loose": facts.loose.format() if facts.loose else "–",
        "gateway": _gateway(facts),
        "reference": _reference(facts),
    }


def told_by_note(facts: Facts) -> str:
    """What was written down when it was found, where the story does not say as much."""
    is_told = Kind(facts.exception.kind) in _TOLD_IN_FULL
    return "" if is_told else facts.exception.note


_TOLD_IN_FULL = frozenset(
    {
        Kind.PARTIAL,
        Kind.SURPLUS,
        Kind.DUPLICATE,
        Kind.UNFULFILLABLE,
        Kind.LATE,
        Kind.WRONG_CURRENCY,
    }
)


def _amount(facts: Facts) -> str:
    return facts.amount.format() if facts.amount else "–"


def _gateway(facts: Facts) -> str:
    if facts.receipt is not None:
        return facts.receipt.gateway
    return facts.exception.transaction.gateway if facts.exception.transaction else "–"


def _reference(facts: Facts) -> str:
    if facts.receipt is not None:
        return facts.receipt.payment_id
    row = facts.exception.transaction
    return (row.product_id or row.transaction_id) if row else "–"


def _partial(facts: Facts) -> str:
    order = facts.order
    if order is not None and order.confirmed_at is not None and facts.receipt is None:
        return (
            gettext_noop(
                "The courier was to collect %(amount)s for order %(order)s, which arrived long ago,"
                " and has handed over nothing. Ask it for the money."
            )
            if facts.is_open
            else gettext_noop("The money of order %(order)s was late with its courier.")
        )
    if order is not None and order.confirmed_at is not None:
        return (
            gettext_noop(
                "The courier handed over %(amount)s of order %(order)s, and not all of it."
            )
            if facts.is_open
            else gettext_noop("%(amount)s came for order %(order)s, and the rest later.")
        )
    if facts.is_pending:
        return gettext_noop(
            "%(amount)s came for order %(order)s, whose total is %(total)s: %(missing)s are"
            " missing. Its goods stay reserved until its time is over."
        )
    return gettext_noop(
        "%(amount)s came for order %(order)s, whose total is %(total)s. The rest (%(missing)s) did"
        " not come in time, and the order has ended."
    )


def _surplus(facts: Facts) -> str:
    if facts.loose is None:
        return gettext_noop(
            "%(amount)s came for order %(order)s, whose total is %(total)s. Nothing of the surplus"
            " lies here any more."
        )
    return gettext_noop(
        "%(amount)s came for order %(order)s, whose total is %(total)s: %(loose)s too much. The"
        " goods are sent all the same."
    )


def _unmatched(facts: Facts) -> str:
    if facts.receipt is not None:
        return gettext_noop(
            "%(amount)s came through %(gateway)s (%(reference)s), and nobody knows for which order."
        )
    return gettext_noop(
        "%(gateway)s lists a movement of %(amount)s (%(reference)s) that belongs to nothing here."
    )


def _chargeback(facts: Facts) -> str:
    if facts.dispute is not None and facts.dispute.returned_at is not None:
        return gettext_noop(
            "%(amount)s of order %(order)s were taken back by the payer's bank or the gateway, and"
            " have come back: nothing is lost."
        )
    return gettext_noop(
        "%(amount)s of order %(order)s were taken back by the payer's bank or the gateway. The"
        " loss is booked; the order goes on as it was."
    )


def _of_its_note(_facts: Facts) -> str:
    """What the note alone tells of."""
    return gettext_noop("Somebody has to look at this: the note says what was found.")


def _always(text: str) -> Callable[[Facts], str]:
    return lambda _facts: text


_STORIES: dict[Kind, Callable[[Facts], str]] = {
    Kind.PARTIAL: _partial,
    Kind.SURPLUS: _surplus,
    Kind.DUPLICATE: _always(
        gettext_noop("Order %(order)s was paid already, and %(amount)s came once more.")
    ),
    Kind.UNFULFILLABLE: _always(
        gettext_noop(
            "%(amount)s came for order %(order)s after its time was over, and its goods had been"
            " sold to others by then."
        )
    ),
    Kind.LATE: _always(
        gettext_noop(
            "%(amount)s came for order %(order)s after it had ended. The rule for this way to pay"
            " is not to confirm it by itself."
        )
    ),
    Kind.UNMATCHED: _unmatched,
    Kind.WRONG_CURRENCY: _always(
        gettext_noop(
            "%(amount)s came for order %(order)s, whose total of %(total)s is in another currency."
        )
    ),
    Kind.FOREIGN_REFUND: _always(
        gettext_noop(
            "Money of order %(order)s was given back on the gateway's own pages, without the shop."
        )
    ),
    Kind.REFUND_LATE: _always(
        gettext_noop(
            "A refund of order %(order)s has been on its way for days: the gateway has neither made"
            " nor refused it. It goes on being asked about; do not send a second one."
        )
    ),
    Kind.REFUND_DIFFERS: _always(
        gettext_noop(
            "The gateway tells of a refund of order %(order)s that is not what was asked for. The"
            " note names both; compare them with its own pages."
        )
    ),
    Kind.WORK_FAILS: _always(
        gettext_noop(
            "A piece of work in the background fails again and again. The developers have to look"
            " into it; it is tried less and less often, and nothing of it is lost."
        )
    ),
    Kind.FORGED: _always(
        gettext_noop(
            "A message in the gateway's name told of a payment that the gateway does not know. No"
            " money was booked."
        )
    ),
    Kind.WEBHOOK: _always(
        gettext_noop("A message of the gateway could not be understood. It is kept.")
    ),
    Kind.PHANTOM: _always(
        gettext_noop(
            "The payment %(reference)s of order %(order)s is booked here, and the gateway does not"
            " list it. The goods stay here until somebody has looked."
        )
    ),
    Kind.AMOUNT_DIFFERS: _always(
        gettext_noop("%(gateway)s lists %(amount)s (%(reference)s), and something else is booked.")
    ),
    Kind.CHARGEBACK: _chargeback,
    Kind.UNEXPLAINED: _always(
        gettext_noop(
            "%(gateway)s moved %(amount)s by itself (%(reference)s). It lies in suspense until it"
            " is known what it was for."
        )
    ),
}
