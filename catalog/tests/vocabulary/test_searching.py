"""What staff teaches search, and what nobody found."""

import pytest

from catalog.models import (
    SearchMiss,
    Synonym,
)
from catalog.tests.editing.pages import make_staff, signed_in
from catalog.tests.vocabulary.pages import adding, list_of, make_miss, page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["kaos", "kaos, ", "kaos, Kaos", " , ", ""])
def test_a_synonym_needs_two_different_words(words: str) -> None:
    answer = signed_in().post(adding("synonym"), {"words": words})

    assert answer.status_code == 200
    assert not Synonym.objects.exists()


def test_a_word_belongs_to_one_group_and_the_other_is_named() -> None:
    Synonym.objects.create(words="kaos, T-Shirt")

    answer = signed_in().post(adding("synonym"), {"words": "atasan santai, t-shirt"})

    assert "“t-shirt” is in another group already: kaos, T-Shirt." in answer.text
    assert Synonym.objects.count() == 1


def test_words_are_kept_tidy_and_a_group_can_be_saved_again() -> None:
    client = signed_in()
    client.post(adding("synonym"), {"words": " kaos ,  T-Shirt,kaos,"})
    group = Synonym.objects.get()
    assert group.words == "kaos, T-Shirt"

    client.post(page_of(group), {"words": "kaos, T-Shirt, atasan   santai"})

    group.refresh_from_db()
    assert group.words == "kaos, T-Shirt, atasan santai"


def test_what_is_looked_for_most_in_vain_comes_first() -> None:
    for query, count in (("mukena", 2), ("batik cowok", 31), ("sarung", 7)):
        make_miss(query, count)

    changelist = signed_in().get(list_of("searchmiss")).context["cl"]

    assert [miss.query for miss in changelist.result_list] == ["batik cowok", "sarung", "mukena"]


def test_a_search_without_result_becomes_a_synonym_and_is_off_the_list() -> None:
    client = signed_in()
    make_miss("batik cowok")
    other = make_miss("mukena")
    link = f"{adding('synonym')}?words=batik+cowok%2C+"
    assert link in client.get(list_of("searchmiss")).text
    assert 'value="batik cowok, "' in client.get(link).text

    client.post(adding("synonym"), {"words": "batik cowok, batik pria"})

    assert list(SearchMiss.objects.all()) == [other]


def test_a_search_without_result_is_ticked_off_but_never_edited() -> None:
    client = signed_in()
    done, open_one = make_miss("asdf"), make_miss("mukena")

    client.post(
        list_of("searchmiss"),
        {"action": "take_off", "_selected_action": [done.pk], "index": 0},
    )

    assert list(SearchMiss.objects.all()) == [open_one]
    assert client.post(page_of(open_one), {"query": "x"}).status_code == 403
    assert client.get(adding("searchmiss")).status_code == 403


def test_who_may_not_teach_search_gets_no_button() -> None:
    make_miss("mukena")
    client = signed_in(make_staff("catalog.view_searchmiss"))

    assert "Make a synonym" not in client.get(list_of("searchmiss")).text
