"""Gift cards and store credit: money that was paid to nobody, and buys goods all the same."""
