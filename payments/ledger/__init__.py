"""The books of the shop: accounts, and the only way to write in them."""
