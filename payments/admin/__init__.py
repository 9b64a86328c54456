"""The staff room: money, to be read. Refunds are approved and recorded, an exception takes an owner
and a resolution, adjustments explain what nothing else does; nothing else is changed."""

from payments.admin.adjusting import LedgerAdjustmentAdmin
from payments.admin.credit import CreditAccountAdmin, CreditGrantAdmin
from payments.admin.exceptions import PaymentExceptionAdmin
from payments.admin.ledger import LedgerAccountAdmin, LedgerTransactionAdmin
from payments.admin.order import PaidOrderAdmin
from payments.admin.proofs import PaymentProofAdmin
from payments.admin.records import AttemptAdmin, ReceiptAdmin
from payments.admin.refunds import RefundAdmin
from payments.admin.refused import RefusedWebhookAdmin
from payments.admin.reports import GatewayReportAdmin
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
    "GatewayReportAdmin",
    "GatewayTransactionAdmin",
    "LedgerAccountAdmin",
    "LedgerAdjustmentAdmin",
    "LedgerTransactionAdmin",
    "PaidOrderAdmin",
    "PaymentExceptionAdmin",
    "PaymentProofAdmin",
    "ReceiptAdmin",
    "RefundAdmin",
    "RefusedWebhookAdmin",
    "SellerPayoutAdmin",
    "WebhookEventAdmin",
]
