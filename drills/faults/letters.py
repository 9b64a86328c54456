"""Mail that arrived, as files of the local mailbox."""

import email
import email.policy
from collections import Counter
from collections.abc import Sequence

from drills.visits import Visit
from drills.whole import WholeShop


def letters(shop: WholeShop) -> Counter[tuple[str, str]]:
    """How often each was received, by address and subject; a subject names its order."""
    found: Counter[tuple[str, str]] = Counter()
    for file in (shop.directory / "mail").glob("*.eml"):
        letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        found[str(letter["To"]), str(letter["Subject"])] += 1
    return found


def wrong_letters(shop: WholeShop, visits: Sequence[Visit], *, forgiven: int) -> list[str]:
    """Everybody who paid has been written to, and nobody twice about the same thing.

    `forgiven`: so many times the database was lost to a worker that had sent and not yet noted it.
    """
    twice, never = wrong(letters(shop), visits)
    print(f"letters that came twice: {len(twice)}, forgiven {forgiven}")
    return [*never, *(twice if len(twice) > forgiven else [])]


def wrong(
    received: Counter[tuple[str, str]], visits: Sequence[Visit]
) -> tuple[list[str], list[str]]:
    """Who was told something twice, and who paid and was never told anything.

    `received`: how often each letter came, by address and subject.
    """
    twice = [
        f"{to} was told {times} times: {subject}"
        for (to, subject), times in received.items()
        if times > 1
    ]
    told = {to.partition("@")[0] for to, _subject in received}
    never = [
        f"{visit.key} paid for order {visit.number} and was never written to"
        for visit in visits
        if visit.is_paid and visit.key not in told
    ]
    return twice, never
