"""Transfers to the merchant's own account: told apart by their amount, found on its statements."""
