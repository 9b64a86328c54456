"""One part of a whole shop is away, deaf, full or wrong for a while: it does what it promises."""
