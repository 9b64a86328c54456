"""The chart of accounts, by name. A debit is positive, a credit negative, whatever its kind."""

# Seeded by migrations; docs/payments.md says what each one means.
CUSTOMER_FUNDS = "customer_funds"
SALES = "sales"
SHIPPING_INCOME = "shipping_income"
TAX_OUT = "ppn_out"
ROUNDING = "rounding"
REFUNDS_PAYABLE = "refunds_payable"
BANK = "bank:main"
TRANSFER_SUFFIX = "transfer_suffix"
GIFT_CARDS = "gift_cards"
STORE_CREDIT = "store_credit"
# What the shop gives away as credit, and what of it nobody came to use.
GOODWILL = "goodwill"
BREAKAGE = "credit_breakage"
# What came, fits nothing, and nobody claims.
UNCLAIMED = "unclaimed_money"
GATEWAY_FEE = "gateway_fee"
TAX_IN = "ppn_in"
CHARGEBACK_LOSS = "chargeback_loss"
# Money that a gateway moved by itself, until somebody has said what it was.
SUSPENSE = "suspense"
COD_RECEIVABLE = "cod_receivable"
COURIER_FEE = "courier_fee"
# Of goods that are not the shop's own: their seller's part, and what the shop keeps.
SELLER_PAYABLE = "seller_payable"
COMMISSION = "commission"


def clearing(gateway: str) -> str:
    """What a gateway has received for us and not yet paid out."""
    return f"gateway_clearing:{gateway}"
