"""How good a kept page still is, to the hundredth of a second."""

import pytest

from catalog.caching.entries import Entry, Freshness, joined

FRESH, USABLE, OUTDATED = Freshness.FRESH, Freshness.USABLE, Freshness.OUTDATED
BUILT = 1_000_000.0


def version(at: float, *, after: float = 0.0) -> bytes:
    """One that began then, in place of the one that began at `after`."""
    return f"{int(at * 1000)}-ab {int(after * 1000)}-ab".encode()


OLD = version(BUILT - 500)
TREE = version(0)


def entry(*versions: bytes) -> Entry:
    return Entry.of(
        versions=joined(versions or (TREE, OLD)), built_at=BUILT, status=200, headers={}, body=b"."
    )


@pytest.mark.parametrize(
    ("age", "expected"), [(0, FRESH), (44.9, FRESH), (45.1, USABLE), (59, USABLE)]
)
def test_an_unchanged_page_is_built_anew_before_it_is_gone(age: float, expected: Freshness) -> None:
    assert entry().freshness([TREE, OLD], now=BUILT + age) is expected


@pytest.mark.parametrize(("since", "expected"), [(0.0, USABLE), (0.49, USABLE), (0.51, OUTDATED)])
def test_old_news_may_be_shown_for_half_a_second(since: float, expected: Freshness) -> None:
    changed = version(BUILT + 20, after=BUILT - 500)

    assert entry().freshness([TREE, changed], now=BUILT + 20 + since) is expected


def test_of_an_older_change_nobody_knows_when_it_was() -> None:
    last_of_two = version(BUILT + 20, after=BUILT + 10)

    assert entry().freshness([TREE, last_of_two], now=BUILT + 20.1) is OUTDATED


def test_each_of_several_changes_has_to_be_recent() -> None:
    recent, older = version(BUILT + 20, after=BUILT - 500), version(BUILT + 5)

    assert entry().freshness([older, recent], now=BUILT + 20.1) is OUTDATED
    assert entry().freshness([TREE, recent], now=BUILT + 20.1) is USABLE


@pytest.mark.parametrize(
    ("age", "expected"), [(0.1, FRESH), (0.49, FRESH), (0.51, USABLE), (0.71, OUTDATED)]
)
def test_while_changes_pour_in_a_page_is_built_twice_a_second(
    age: float, expected: Freshness
) -> None:
    before = version(BUILT - 0.1, after=BUILT - 0.2)
    poured = version(BUILT + 0.2, after=BUILT - 0.1)

    assert entry(before).freshness([poured], now=BUILT + age) is expected


def test_a_single_change_is_shown_at_once_also_on_a_new_page() -> None:
    changed = version(BUILT + 0.1, after=BUILT - 500)

    assert entry().freshness([TREE, changed], now=BUILT + 0.2) is USABLE


def test_a_version_that_valkey_has_lost_makes_the_page_worthless() -> None:
    assert entry().freshness([None, OLD], now=BUILT + 0.1) is OUTDATED
    assert entry().freshness([TREE, version(0)], now=BUILT + 20) is OUTDATED


def test_a_clock_that_is_ahead_makes_no_page_last_longer() -> None:
    from_tomorrow = version(BUILT + 86400, after=BUILT - 500)

    assert entry().freshness([TREE, from_tomorrow], now=BUILT + 20) is OUTDATED
    assert entry().freshness([TREE, from_tomorrow], now=BUILT - 10) is OUTDATED


def test_an_entry_comes_back_as_it_was_kept() -> None:
    body = b"a\nb\n\x00" * 100
    kept = Entry.of(
        versions=joined([TREE, OLD]),
        built_at=BUILT,
        status=301,
        headers={"Location": "/p/kemeja/", "Content-Type": "text/html"},
        body=body,
    )

    assert Entry.from_bytes(kept.to_bytes()) == kept
    assert kept.body == body
