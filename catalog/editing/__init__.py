"""How staff change a product: the table of its variants, prices, stock, publication, copies.

Operations take typed values and know nothing of HTTP; `catalog.admin` reads forms and shows pages.
"""
