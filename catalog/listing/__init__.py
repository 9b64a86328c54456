"""The derived table of what is on display: kept right here, read by `catalog.catalogue`."""
