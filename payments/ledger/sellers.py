"""Postings of goods that are not the shop's own: their seller's part, and its payout."""

from datetime import datetime

from django.utils import timezone

from payments.ledger.accounts import (
    BANK,
    COMMISSION,
    SALES,
    SELLER_PAYABLE,
    SHIPPING_INCOME,
    TAX_OUT,
)
from payments.ledger.posting import post
from payments.models import LedgerTransaction, PostingKind, SellerPayout, SellerShare
from shop.core.money import Money


def post_share(share: SellerShare, *, tax_minor: int, occurred_at: datetime) -> LedgerTransaction:
    """What was booked as the shop's income is its seller's, less the commission; and back.

    `tax_minor`: all of the tax of its paper. It stands on the seller's own invoice, so the seller
    pays it to the tax office.
    """
    currency = share.currency
    sending = share.sending_minor - share.sending_tax_minor
    goods = share.goods_minor + share.sending_tax_minor - tax_minor
    return post(
        kind=PostingKind.SELLER_SHARE,
        key=f"seller-share:{share.paper_id}",
        occurred_at=occurred_at,
        order=share.paper.order,
        entries=[
            (SALES, Money(goods, currency)),
            (SHIPPING_INCOME, Money(sending, currency)),
            (TAX_OUT, Money(tax_minor, currency)),
            (SELLER_PAYABLE, share.payable * -1),
            (COMMISSION, Money(-share.commission_minor, currency)),
        ],
    )


def post_payout(payout: SellerPayout) -> LedgerTransaction:
    return post(
        kind=PostingKind.SELLER_PAYOUT,
        key=f"seller-payout:{payout.pk}",
        occurred_at=timezone.now(),
        entries=[(SELLER_PAYABLE, payout.amount), (BANK, payout.amount * -1)],
    )
