"""`make clean`: remove everything that running, testing and linting left. Standard library only.

The environment in .venv stays: it holds nothing of anybody's and takes longest to make.
"""

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache", "staticfiles")


def main() -> int:
    local = ROOT / ".local"
    for lock in [local / "lock", *local.glob("test-*/lock")]:
        if is_held(lock):
            print(f"{lock.parent} is in use; stop what runs there first.", file=sys.stderr)
            return 1
    # Where PostgreSQL lives when root runs it below a closed directory: see postgres.py.
    name = f"etalase-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    outside = Path("/var/tmp") / name  # noqa: S108 (only removed, and only what is this person's)
    for path in [local, outside, *(ROOT / name for name in CACHES)]:
        shutil.rmtree(path, ignore_errors=True)
    for path in ROOT.glob("locale/*/LC_MESSAGES/*.mo"):
        path.unlink()
    return 0


def is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
