from payments.models.adjustment import LedgerAdjustment
from payments.models.attempt import (
    OPEN_STATES,
    AttemptState,
    PaymentAttempt,
    lock_attempt,
    lock_order_and_attempt,
)
from payments.models.cod import CodBan, CourierSettlement, SettlementLine
from payments.models.credit import (
    CREDIT,
    CardGuess,
    CreditAccount,
    CreditGrant,
    CreditKind,
    CreditMovement,
    CreditMovementKind,
)
from payments.models.dispute import Dispute, DisputeState
from payments.models.exception import ExceptionStep, PaymentException
from payments.models.failing import FailingWork
from payments.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction, PostingKind
from payments.models.payout import PayoutAccount
from payments.models.proof import LARGEST_PROOF, PaymentProof, ProofKind
from payments.models.receipt import PaymentReceipt
from payments.models.refund import OPEN_REFUNDS, Refund, RefundChannel, RefundState
from payments.models.report import GatewayReport, ReportLine, ReportOutcome
from payments.models.seller import SellerPayout, SellerShare, SellerTerms
from payments.models.statement import BankStatement, LineState, StatementLine
from payments.models.transaction import TAKEN_BACK, GatewayTransaction, StatementReading
from payments.models.webhook import RefusedHour, RefusedWebhook, WebhookEvent

__all__ = [
    "CREDIT",
    "LARGEST_PROOF",
    "OPEN_REFUNDS",
    "OPEN_STATES",
    "TAKEN_BACK",
    "AttemptState",
    "BankStatement",
    "CardGuess",
    "CodBan",
    "CourierSettlement",
    "CreditAccount",
    "CreditGrant",
    "CreditKind",
    "CreditMovement",
    "CreditMovementKind",
    "Dispute",
    "DisputeState",
    "ExceptionStep",
    "FailingWork",
    "GatewayReport",
    "GatewayTransaction",
    "LedgerAccount",
    "LedgerAdjustment",
    "LedgerEntry",
    "LedgerTransaction",
    "LineState",
    "PaymentAttempt",
    "PaymentException",
    "PaymentProof",
    "PaymentReceipt",
    "PayoutAccount",
    "PostingKind",
    "ProofKind",
    "Refund",
    "RefundChannel",
    "RefundState",
    "RefusedHour",
    "RefusedWebhook",
    "ReportLine",
    "ReportOutcome",
    "SellerPayout",
    "SellerShare",
    "SellerTerms",
    "SettlementLine",
    "StatementLine",
    "StatementReading",
    "WebhookEvent",
    "lock_attempt",
    "lock_order_and_attempt",
]
