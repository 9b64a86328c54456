"""What many pages show is read once for all of them, and never older than the page it is in."""

from collections.abc import Callable
from itertools import count

from catalog.caching import remember, versions
from catalog.caching.building import building
from catalog.caching.remembered import forget_own
from catalog.caching.store import Claim, Place, claim
from shop.core.cache import cache_server


def counting() -> Callable[[], int]:
    numbers = count(1)
    return lambda: next(numbers)


def begun_page(*names: str) -> Claim:
    """A process has begun to build a page that nobody has built yet."""
    begun = claim(Place.of(f"page:test:{'-'.join(names)}", names))
    assert begun
    return begun


def test_a_value_is_built_once_for_all_processes() -> None:
    build = counting()

    assert [remember("x", versions=("tree",), build=build) for _ in range(2)] == [1, 1]
    forget_own()
    assert remember("x", versions=("tree",), build=build) == 1


def test_a_change_makes_it_anew() -> None:
    build = counting()
    remember("x", versions=("tree", "catalogue"), build=build)

    versions.bump(["catalogue"])
    forget_own()

    assert remember("x", versions=("tree", "catalogue"), build=build) == 2


def test_a_change_while_it_is_built_is_not_lost() -> None:
    def build() -> str:
        versions.bump(["tree"])
        return "from before the change"

    remember("x", versions=("tree",), build=build)
    forget_own()

    assert remember("x", versions=("tree",), build=lambda: "new") == "new"


def test_a_page_begun_after_a_change_gets_no_value_from_before_it() -> None:
    build = counting()
    remember("x", versions=("tree",), build=build)

    versions.bump(["tree"])
    begun = begun_page("tree", "p:kemeja")
    with building(("tree", "p:kemeja"), begun.versions):
        assert remember("x", versions=("tree",), build=build) == 2


def test_a_page_asks_for_nothing_that_its_process_has() -> None:
    build = counting()
    begun = begun_page("tree")
    with building(("tree",), begun.versions):
        remember("x", versions=("tree",), build=build)
        emptied_by_somebody = cache_server().run(lambda server: server.flushdb(), False)
        assert emptied_by_somebody
        assert remember("x", versions=("tree",), build=build) == 1


def test_a_version_that_nobody_holds_is_not_written() -> None:
    assert versions.bump(f"p:kaos-{number}" for number in range(1200))

    assert cache_server().run(lambda server: server.dbsize(), -1) == 0


def test_every_name_of_a_large_change_is_told() -> None:
    names = [f"p:kaos-{number}" for number in range(1200)]
    before = begun_page(*names)

    assert versions.bump(names)

    after = begun_page(*names)
    assert not set(before.versions.split(b"|")) & set(after.versions.split(b"|"))
