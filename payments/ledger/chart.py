"""What each account of the ledger is called and means, for staff and their accountant."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from payments.ledger import accounts

CLEARING = accounts.clearing("")


@dataclass(frozen=True, slots=True)
class Account:
    """A name for headings, and a sentence that says what its balance is."""

    name: str | Promise
    meaning: str | Promise


CHART: dict[str, Account] = {
    accounts.BANK: Account(
        _("Bank account"),
        _("What transfers, withdrawals and couriers brought, less what was transferred by hand."),
    ),
    accounts.COD_RECEIVABLE: Account(
        _("To be collected by couriers"),
        _("Goods that have left to be paid at the door, and whose money is not here yet."),
    ),
    accounts.TAX_IN: Account(_("Tax paid"), _("Value added tax in the fees of gateways.")),
    accounts.CUSTOMER_FUNDS: Account(
        _("Customers' money"),
        _("Received and not yet earned: of unpaid orders, or too much. Of a paid order it is 0."),
    ),
    accounts.REFUNDS_PAYABLE: Account(
        _("Refunds owed"), _("Owed to customers and not yet sent; 0 once the money has left.")
    ),
    accounts.GIFT_CARDS: Account(_("Gift cards"), _("What is left on all gift cards.")),
    accounts.STORE_CREDIT: Account(_("Store credit"), _("What is left of all store credit.")),
    accounts.SUSPENSE: Account(
        _("To be explained"), _("Money that a gateway moved by itself; somebody has to find out.")
    ),
    accounts.SELLER_PAYABLE: Account(
        _("Owed to sellers"), _("Their part of what was sold, and not yet paid out to them.")
    ),
    accounts.COMMISSION: Account(
        _("Commission"), _("What the shop keeps of what other sellers sold.")
    ),
    accounts.TAX_OUT: Account(_("Tax on sales"), _("Owed to the tax office for what was sold.")),
    accounts.SALES: Account(_("Sales"), _("Goods without tax, less what was given back.")),
    accounts.SHIPPING_INCOME: Account(
        _("Shipping"), _("What customers paid for sending, without tax.")
    ),
    accounts.TRANSFER_SUFFIX: Account(
        _("Last digits of transfers"), _("The few rupiah that tell one transfer from another.")
    ),
    accounts.BREAKAGE: Account(
        _("Lapsed gift cards"), _("What was left on cards after their last day.")
    ),
    accounts.UNCLAIMED: Account(
        _("Unclaimed money"), _("What came, fitted nothing, and nobody wanted back.")
    ),
    accounts.GATEWAY_FEE: Account(_("Fees of gateways"), _("Without their tax.")),
    accounts.COURIER_FEE: Account(
        _("Fees of couriers"), _("For collecting money at the door, and for what came back.")
    ),
    accounts.CHARGEBACK_LOSS: Account(
        _("Chargebacks"), _("What payers' banks and gateways have taken back.")
    ),
    accounts.GOODWILL: Account(_("Goodwill"), _("Credit that the shop gave away.")),
    accounts.ROUNDING: Account(
        _("Rounding"), _("What totals were rounded by, to the customers' favour or the shop's.")
    ),
}


def account_of(code: str) -> Account:
    """Of a code that is in no chart, its code: an account that a newer release has opened."""
    if code.startswith(CLEARING):
        return Account(
            format_lazy("{}: {}", _("At the gateway"), code.removeprefix(CLEARING)),
            _("Received there for the shop and not yet paid out, less fees and refunds."),
        )
    return CHART.get(code) or Account(code, "")
