"""Kill -9 of one part of a whole shop after the other, while buyers buy: nothing may be lost."""
