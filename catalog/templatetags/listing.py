from django import template

from catalog.listing_facets import tally

register = template.Library()
register.filter("tally", tally)
