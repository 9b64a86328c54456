from django import template
from django.utils.translation import get_language

from catalog.catalogue import CategoryView, category_tree

register = template.Library()


@register.simple_tag
def category_nav() -> list[CategoryView]:
    """The categories of the header, in the language of the page."""
    return category_tree(get_language() or "id")
