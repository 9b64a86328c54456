from django import template
from django.utils.translation import get_language

from catalog.caching import remember
from catalog.catalogue import CategoryNames, category_names

register = template.Library()


@register.simple_tag
def category_nav() -> list[CategoryNames]:
    """The categories of the header, in the language of the page. As a rule without a query."""
    language = get_language() or "id"
    return remember(
        f"category_nav:{language}", versions=("tree",), build=lambda: category_names(language)
    )
