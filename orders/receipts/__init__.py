"""Papers of a sale: invoice numbers, credit notes, and the nota as a page and as a PDF."""
