from django.utils.safestring import SafeString

from catalog.admin.badges import Shape, badge
from payments.models import AttemptState, PaymentAttempt, PaymentException, Refund, RefundState
from payments.status import PaymentStatus

PAYMENT_SHAPES: dict[PaymentStatus, Shape] = {
    PaymentStatus.UNPAID: Shape.OPEN,
    PaymentStatus.PARTIALLY_PAID: Shape.HALF,
    PaymentStatus.PAID: Shape.DONE,
    PaymentStatus.OVERPAID: Shape.ALERT,
    PaymentStatus.PARTIALLY_REFUNDED: Shape.HALF,
    PaymentStatus.REFUNDED: Shape.ENDED,
}
ATTEMPT_SHAPES: dict[AttemptState, Shape] = {
    AttemptState.NEW: Shape.OPEN,
    AttemptState.SUBMITTING: Shape.HALF,
    AttemptState.UNKNOWN: Shape.ALERT,
    AttemptState.PENDING: Shape.OPEN,
    AttemptState.SUCCEEDED: Shape.DONE,
    AttemptState.FAILED: Shape.ENDED,
    AttemptState.EXPIRED: Shape.ENDED,
    AttemptState.CANCELLED: Shape.ENDED,
    AttemptState.ABANDONED: Shape.ENDED,
}


REFUND_SHAPES: dict[RefundState, Shape] = {
    RefundState.DRAFT: Shape.ALERT,
    RefundState.APPROVED: Shape.OPEN,
    RefundState.SUBMITTING: Shape.HALF,
    RefundState.UNKNOWN: Shape.ALERT,
    RefundState.PENDING: Shape.HALF,
    RefundState.AWAITING_TRANSFER: Shape.ALERT,
    RefundState.SUCCEEDED: Shape.DONE,
    RefundState.FAILED: Shape.ENDED,
    RefundState.CANCELLED: Shape.ENDED,
}


def payment_badge(status: PaymentStatus) -> SafeString:
    return badge(status.label, PAYMENT_SHAPES[status])


def attempt_badge(attempt: PaymentAttempt) -> SafeString:
    state = AttemptState(attempt.state)
    return badge(state.label, ATTEMPT_SHAPES[state])


def refund_badge(refund: Refund) -> SafeString:
    state = RefundState(refund.state)
    return badge(state.label, REFUND_SHAPES[state])


def exception_badge(exception: PaymentException) -> SafeString:
    shape = Shape.OVER if exception.resolved_at else Shape.ALERT
    return badge(exception.get_kind_display(), shape)
