"""The tables at the end of a run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from drills.crash.moments import AIMED, MEANING
from drills.crash.trials import Seen, phase_counts
from drills.visits import Diary

GOAL = 0.15


def tell_all(
    done: Sequence[Seen], diary: Diary, *, left: Mapping[str, int], quiet_seconds: float
) -> None:
    _tell_targets(done)
    _tell_phases(done)
    _tell_visits(diary)
    rest = ", ".join(f"{number} {kind}" for kind, number in left.items()) or "nothing"
    print(f"\n{quiet_seconds:.0f} s after the last buyer had left: {rest} on its way")


def _tell_targets(done: Sequence[Seen]) -> None:
    head = f"\n{'killed':<14}{'times':>6}{'proven':>7}{'aimed':>7}{'hit':>5}"
    print(f"{head}{'back (median, most)':>22}{'selling (median, most)':>25}")
    for name in dict.fromkeys(seen.trial.target.name for seen in done):
        mine = [seen for seen in done if seen.trial.target.name == name]
        proven = [seen for seen in mine if seen.successor]
        aimed = [seen for seen in mine if seen.trial.aim]
        hit = sum(seen.is_hit for seen in aimed)
        back = [seen.back_seconds for seen in proven] or [0.0]
        selling = [seen.selling_seconds for seen in proven if seen.selling_seconds] or [0.0]
        print(
            f"{name:<14}{len(mine):>6}{len(proven):>7}{len(aimed):>7}{hit:>5}"
            f"{median(back):>13.1f}, {max(back):>5.1f} s"
            f"{median(selling):>16.1f}, {max(selling):>5.1f} s"
        )


def _tell_phases(done: Sequence[Seen]) -> None:
    print(f"\nat {len(done)} kills there was")
    counts = phase_counts(done)
    aimed = {moment.name for moment in AIMED}
    for moment, meaning in MEANING.items():
        share = counts[moment.name] / max(len(done), 1)
        goal = "" if moment.name not in aimed or share >= GOAL else f" (fewer than {GOAL:.0%})"
        print(f"  {moment.name:<10}{counts[moment.name]:>5} {share:>6.1%}  {meaning}{goal}")
    print(f"  {'none':<10}{counts['none of them']:>5}")


def _tell_visits(diary: Diary) -> None:
    print(f"\n{len(diary.visits)} visits")
    for (intention, outcome), number in sorted(
        Counter((visit.intention, visit.outcome) for visit in diary.visits).items()
    ):
        print(f"  {number:>5} {intention:<24} {outcome}")
    asked_again = sum(bool(visit.unknown) for visit in diary.visits)
    refusals = Counter(visit.refusal for visit in diary.visits if visit.refusal)
    print(f"  {asked_again:>5} of them did not hear what became of the order, and asked again")
    for refusal, number in refusals.items():
        print(f"  {number:>5} refused: {refusal}")
