"""Papers that show a transfer: the bank's, of money given back; the customer's, of money sent."""
