"""What staff do with webhooks that have arrived, and what is kept of them."""
