"""Where the shop gets a gateway from: one object per process, and one pool of connections."""

import os
from collections.abc import Callable

from payments.gateways.bank_transfer import BankTransfer, TransferConfig
from payments.gateways.base import Gateway
from payments.gateways.cod import CashOnDelivery
from payments.gateways.midtrans import Midtrans, MidtransConfig
from payments.gateways.midtrans_report import read_report
from payments.gateways.statements import ReportReader, Statements
from payments.gateways.xendit import Xendit, XenditConfig
from shop.core import outgoing
from shop.core.breaker import Breaker

Maker = Callable[[], Gateway]
# Keyed by process: a forked child must not share its parent's sockets, nor a lock held meanwhile.
_kept: dict[tuple[int, object], Gateway] = {}


def gateway(code: str) -> Gateway:
    """The gateway of that code, as configured now. Raises LookupError for a code nobody has."""
    if code not in _PREPARED:
        raise LookupError(f"no gateway {code!r}")
    config, make = _PREPARED[code]()
    key = (os.getpid(), config)
    found = _kept.get(key)
    if found is None:
        # setdefault is atomic: threads that come here together all leave with the same object.
        found = _kept.setdefault(key, make())
    return found


def statements(code: str) -> Statements:
    """A gateway that lists its movements of money. Raises LookupError for one that does not."""
    api = gateway(code)
    if not isinstance(api, Statements):
        raise LookupError(f"gateway {code!r} lists no transactions")
    return api


def _xendit() -> tuple[object, Maker]:
    config = XenditConfig.from_settings()
    return config, lambda: Xendit(config, client=outgoing.client(), breaker=Breaker())


def _bank_transfer() -> tuple[object, Maker]:
    config = TransferConfig.from_settings()
    return config, lambda: BankTransfer(config)


def _midtrans() -> tuple[object, Maker]:
    config = MidtransConfig.from_settings()
    return config, lambda: Midtrans(config, client=outgoing.client(), breaker=Breaker())


def _cash_on_delivery() -> tuple[object, Maker]:
    return CashOnDelivery.code, CashOnDelivery


# Each says what it is configured with, and how it is made of that.
_PREPARED: dict[str, Callable[[], tuple[object, Maker]]] = {
    Xendit.code: _xendit,
    BankTransfer.code: _bank_transfer,
    Midtrans.code: _midtrans,
    CashOnDelivery.code: _cash_on_delivery,
}

WITH_STATEMENTS = (Xendit.code,)
# These say in files what moved, which staff read in.
REPORTS: dict[str, ReportReader] = {Midtrans.code: read_report}
