"""What is the same on every page of a language, rendered once per process."""

from django import template
from django.template import Context, Node, NodeList
from django.template.base import Parser, Token
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from shop.core.context import names

register = template.Library()


class SteadyNode(Node):
    """Keeps its text by language. A template is compiled once, so the node lives as long as it.

    Nothing of the page or the visitor can get in: inside, only names of the shop are known.
    """

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._rendered: dict[str, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language() or ""
        text = self._rendered.get(language)
        if text is None:
            text = mark_safe(self.nodelist.render(context.new(names())))  # noqa: S308 - escaped by its own nodes
            self._rendered[language] = text
        return text


@register.tag
def steady(parser: Parser, token: Token) -> SteadyNode:
    """`{% steady %}…{% endsteady %}`: links, texts and pictures of the frame."""
    del token
    nodelist = parser.parse(("endsteady",))
    parser.delete_first_token()
    return SteadyNode(nodelist)
