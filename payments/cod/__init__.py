"""Cash on delivery: who may choose it, what becomes of the order, and what couriers hand over."""
