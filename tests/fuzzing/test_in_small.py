"""`make fuzz` in small, as one customer: of each operation a few cases, the same every time."""

from pathlib import Path

from tests.fuzzing.playing import LEAST_REACHED, people_of, play, reached
from tests.running import RunningShop


def test_whatever_is_sent_is_answered_as_the_document_says(
    shop: RunningShop, tmp_path: Path
) -> None:
    people = people_of(shop, tmp_path)
    played = play(
        shop,
        people,
        who="customer",
        seed=1,
        per_operation=2,
        phases="examples,fuzzing",
        is_small=True,
    )
    assert played.is_good
    assert not [status for answers in played.answers.values() for status in answers if status > 499]
    assert len(reached([played])) >= LEAST_REACHED * len(played.answers)
