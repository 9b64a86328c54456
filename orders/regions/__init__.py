"""The places of a country, four levels deep in Indonesia: the data, how it is loaded and found."""
