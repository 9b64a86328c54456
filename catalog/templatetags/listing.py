from django import template
from django.utils.translation import get_language

from catalog.catalogue import CategoryLink
from catalog.catalogue.categories import branches
from catalog.listing_facets import tally

register = template.Library()
register.filter("tally", tally)


@register.simple_tag
def top_categories() -> list[CategoryLink]:
    """The categories of the header, in the language of the page. One query."""
    return [top.link() for top in branches(get_language() or "id")]
