"""What an order costs: of the whole shop, of the placing transaction, with few and many orders."""
