"""Schemathesis as one person against a running shop, and what came of it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.running import ROOT, RunningShop

WHO = ("guest", "customer", "other", "staff")
# Nobody else's are found: what a stranger asks for is refused, and that is right.
EXPECTED = {
    "guest": ["missing_auth"],
    "other": ["missing_test_data", "validation_mismatch"],
    "staff": ["missing_test_data", "validation_mismatch"],
}
WARNINGS = [
    *("missing_auth", "missing_test_data", "validation_mismatch", "missing_deserializer"),
    *("unsupported_regex", "method_not_allowed", "unresolvable_reference"),
]
LEAST_REACHED = 0.6


@dataclass(frozen=True, slots=True)
class Played:
    who: str
    seed: int
    is_good: bool
    answers: dict[str, dict[int, int]]

    @property
    def cases(self) -> int:
        return sum(sum(each.values()) for each in self.answers.values())


def people_of(shop: RunningShop, directory: Path) -> Path:
    """The file that says who is there and has what."""
    settings = {key: str(value) for key, value in shop.env.items() if value is not None}
    strangers = '{"email": 1000, "phone": 1000, "address": 1000}'
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing.people"],
        cwd=ROOT,
        env={
            **os.environ,
            **settings,
            "ENV_FILE": str(shop.directory / "env"),
            "DB_POOL_MAX": "0",
            "DB_STATEMENT_TIMEOUT_MS": "0",
            "OPEN_ORDER_LIMITS": strangers,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    file = directory / "people.json"
    file.write_text(done.stdout.splitlines()[-1])
    return file


def play(
    shop: RunningShop,
    people: Path,
    *,
    who: str,
    seed: int,
    per_operation: int,
    phases: str = "examples,coverage,fuzzing,stateful",
    is_small: bool = False,
) -> Played:
    """As that person. Prints what Schemathesis finds; few cases are no reason to warn."""
    counts = people.with_name(f"counts-{who}-{seed}.json")
    warnings = [each for each in WARNINGS if each not in EXPECTED.get(who, [])]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            *("run", f"{shop.url}/api/v1/schema/", "--seed", str(seed), "--no-color"),
            *("--max-examples", str(per_operation), "--phases", phases),
            *("--warnings", "off" if is_small else ",".join(warnings)),
            *("--continue-on-failure", "--output-sanitize", "false"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.fuzzing.hooks",
            "FUZZ_PEOPLE": str(people),
            "FUZZ_WHO": who,
            "FUZZ_URL": shop.url,
            "FUZZ_SEED": str(seed),
            "FUZZ_COUNTS": str(counts),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-20_000:], done.stderr[-2_000:], flush=True)
    answers: dict[str, dict[int, int]] = {}
    for label, status, times in json.loads(counts.read_text()):
        answers.setdefault(label, {})[status] = times
    return Played(who, seed, done.returncode == 0, answers)


def reached(all_played: Sequence[Played]) -> set[str]:
    """The operations that have answered well."""
    return {
        label
        for played in all_played
        for label, answers in played.answers.items()
        if any(200 <= status < 400 for status in answers)
    }


def tell(all_played: Sequence[Played]) -> int:
    """The exit code; prints the figures."""
    operations = {label for played in all_played for label in played.answers}
    good = reached(all_played)
    broken = sum(
        times
        for played in all_played
        for answers in played.answers.values()
        for status, times in answers.items()
        if status >= 500
    )
    cases = sum(played.cases for played in all_played)
    print(f"{cases} cases, {broken} answers of 5xx, {len(good)} of {len(operations)} operations")
    print("never answered well:", ", ".join(sorted(operations - good)) or "none")
    bad = [f"{played.who} (seed {played.seed})" for played in all_played if not played.is_good]
    print("found something as:", ", ".join(bad) or "nobody")
    is_good = not bad and not broken and len(good) >= LEAST_REACHED * len(operations)
    return 0 if is_good else 1
