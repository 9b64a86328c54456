from django import template
from django.conf import settings
from django.utils.translation import get_language

from catalog.catalogue.categories import Branch
from catalog.frame import known_branches

register = template.Library()


@register.simple_tag
def category_nav() -> list[Branch]:
    """The categories of the header, in the language of the page. As a rule without a query."""
    return known_branches(get_language() or settings.LANGUAGE_CODE)
