"""The staff room: money, to be read. Only a PaymentException takes an owner and a resolution."""

from payments.admin.credit import CreditAccountAdmin, CreditGrantAdmin
from payments.admin.exceptions import PaymentExceptionAdmin
from payments.admin.ledger import LedgerAccountAdmin, LedgerTransactionAdmin
from payments.admin.order import PaidOrderAdmin
from payments.admin.records import AttemptAdmin, ReceiptAdmin, RefundAdmin
from payments.admin.sellers import SellerPayoutAdmin
from payments.admin.settlements import CourierSettlementAdmin
from payments.admin.statements import BankStatementAdmin
from payments.admin.transactions import GatewayTransactionAdmin
from payments.admin.webhooks import WebhookEventAdmin

__all__ = [
    "AttemptAdmin",
    "BankStatementAdmin",
    "CourierSettlementAdmin",
    "CreditAccountAdmin",
    "CreditGrantAdmin",
    "GatewayTransactionAdmin",
    "LedgerAccountAdmin",
    "LedgerTransactionAdmin",
    "PaidOrderAdmin",
    "PaymentExceptionAdmin",
    "ReceiptAdmin",
    "RefundAdmin",
    "SellerPayoutAdmin",
    "WebhookEventAdmin",
]
