"""`python -m tests.mutants [name …]`, inside `python -m shop.local.testing --`."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).parent
PASSED, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    patch: Path
    tests: list[str]


def main(names: Sequence[str]) -> int:
    mutants = [mutant for mutant in all_mutants() if not names or mutant.name in names]
    if not mutants:
        print(f"no mutant of these names: {', '.join(names)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        copy = Path(directory) / "shop"
        copy_project(copy)
        tests = sorted({test for mutant in mutants for test in mutant.tests})
        # Made anew: what an earlier run left may have other migrations.
        code, printed = run(copy, ["--create-db", *tests])
        if code != PASSED:
            print(printed[-3000:], file=sys.stderr)
            print("the tests fail without any mutant: nothing can be learnt", file=sys.stderr)
            return 1
        killed = [mutant for mutant in mutants if is_killed(mutant, copy)]
    print(f"\nkilled {len(killed)} of {len(mutants)}")
    return 0 if len(killed) == len(mutants) else 1


def all_mutants() -> list[Mutant]:
    return [_read(patch) for patch in sorted(PATCHES.glob("*.patch"))]


def _read(patch: Path) -> Mutant:
    text = patch.read_text()
    [line] = [line for line in text.splitlines() if line.startswith("Tests: ")]
    return Mutant(patch.stem, patch, line.removeprefix("Tests: ").split())


def copy_project(target: Path) -> None:
    """What git knows of, as it stands in the working tree, and the environment beside it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    for compiled in ROOT.glob("locale/*/LC_MESSAGES/*.mo"):
        shutil.copy2(compiled, target / compiled.relative_to(ROOT))


def is_killed(mutant: Mutant, copy: Path) -> bool:
    apply(mutant, copy)
    try:
        code, _printed = run(copy, mutant.tests)
    finally:
        apply(mutant, copy, "--reverse")
    # Any other code than "tests failed" means that they did not run: that proves nothing.
    verdict = {PASSED: "SURVIVED", FAILED: "killed"}.get(code, f"broken (pytest says {code})")
    print(f"  {mutant.name:<40} {verdict}", flush=True)
    return code == FAILED


def apply(mutant: Mutant, copy: Path, *options: str) -> None:
    subprocess.run(
        ["git", "apply", "--unsafe-paths", f"--directory={copy}", *options, str(mutant.patch)],
        cwd=copy.parent,
        check=True,
    )


def run(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """pytest's exit code, and what it said.

    The tests leave nothing, so that the next mutant finds their database.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "--reuse-db", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
