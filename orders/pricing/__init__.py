"""From list prices to a total. Pure: it reads nothing, and asks nobody what time it is."""
