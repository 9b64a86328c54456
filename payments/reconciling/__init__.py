"""A gateway's own list of what moved, beside our receipts, our refunds and the ledger."""
