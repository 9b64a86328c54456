from django.template import Context, Template
from django.utils.translation import override


def test_what_is_steady_is_rendered_once_for_each_language() -> None:
    page = Template("{% load i18n steady %}{% steady %}{% translate 'Search' %}{% endsteady %}")
    shown = []
    for language in ("id", "en", "id"):
        with override(language):
            shown.append(page.render(Context()))
    assert shown == ["Cari", "Search", "Cari"]


def test_nothing_of_a_page_gets_into_what_is_steady() -> None:
    page = Template("{% load steady %}{% steady %}<{{ customer }}>{% endsteady %}{{ customer }}")
    assert page.render(Context({"customer": "Ayu"})) == "<>Ayu"
    assert page.render(Context({"customer": "Budi"})) == "<>Budi"


def test_the_names_of_the_shop_are_known_inside() -> None:
    page = Template("{% load steady %}{% steady %}{{ SHOP_NAME }}{% endsteady %}")
    assert page.render(Context()) == "RONA"
