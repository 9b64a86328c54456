"""Every text has its translation, or lint says which one lacks it."""

from pathlib import Path

import pytest

from shop.local import messages

PYTHON = 'message = _("Sold out")\nother = ngettext("%(count)s left", "%(count)s left!", n)\n'
TEMPLATE = """\
{% load i18n %}
  <p title="{% translate "Buy" context "verb" %}">{% blocktranslate trimmed with name=x %}
    Hello {{ name }}
  {% endblocktranslate %}</p>
"""
COMPLETE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Sold out"
msgstr "Habis"

msgid "%(count)s left"
msgid_plural "%(count)s left!"
msgstr[0] "tersisa %(count)s"

msgctxt "verb"
msgid "Buy"
msgstr "Beli"

msgid "Hello %(name)s"
msgstr "Halo %(name)s"
"""


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with a complete catalogue."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    for name in ("shop", "templates", "locale/id/LC_MESSAGES"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shop" / "texts.py").write_text(PYTHON)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    po = tmp_path / "locale" / "id" / "LC_MESSAGES" / "django.po"
    po.write_text(COMPLETE)
    return po


def test_a_complete_catalogue_passes(catalogue: Path) -> None:
    assert messages.check() == []


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('msgid "Sold out"\nmsgstr "Habis"\n', "", "id: missing: 'Sold out' (shop/texts.py:1)"),
        ("Habis", "", "id: not translated: 'Sold out' (shop/texts.py:1)"),
        ('msgid "Sold', '#, fuzzy\nmsgid "Sold', "id: fuzzy: 'Sold out' (shop/texts.py:1)"),
        (
            "Halo %(name)s",
            "Halo %(nama)s",
            "id: other placeholders: 'Hello %(name)s' (templates/page.html:2)",
        ),
    ],
)
def test_a_doubtful_translation_is_named(
    catalogue: Path, was: str, becomes: str, problem: str
) -> None:
    catalogue.write_text(COMPLETE.replace(was, becomes))
    assert messages.check() == [problem]


def test_a_translation_that_nobody_uses_is_named(catalogue: Path) -> None:
    catalogue.write_text(COMPLETE + '\nmsgid "Old"\nmsgstr "Lama"\n')
    assert messages.check() == ["id: unused: 'Old'"]


def test_an_update_adds_what_is_new_and_keeps_what_is_translated(catalogue: Path) -> None:
    catalogue.write_text(COMPLETE.replace('msgid "Sold out"\nmsgstr "Habis"\n', ""))
    assert messages.update() == "1 texts wait for their translation"
    assert messages.check() == ["id: not translated: 'Sold out' (shop/texts.py:1)"]


def test_updating_twice_changes_nothing(catalogue: Path) -> None:
    messages.update()
    first = catalogue.read_text()
    messages.update()
    assert catalogue.read_text() == first
