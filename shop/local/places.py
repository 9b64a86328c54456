"""Where the local shop keeps its files, and who can reach them."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Local:
    """The directory that holds everything one running shop writes."""

    path: Path

    @property
    def env(self) -> Path:
        return self.path / "env"

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    def log(self, name: str) -> Path:
        return self.path / "log" / f"{name}.log"

    def create(self) -> None:
        """Make the directories; nobody else on the machine may look into them.

        Root's lets others pass through, not look: PostgreSQL has to run as another account.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in ("beat", "log", "mail", "media", "simulator", "static", "valkey"):
            private = self.path / name
            private.mkdir(exist_ok=True)
            private.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.replace(path)


def is_reachable_by_all(path: Path) -> bool:
    """Whether an account without any rights could get to `path`."""
    resolved = path.resolve()
    return all(p.stat().st_mode & 0o001 for p in [resolved, *resolved.parents] if p.is_dir())


def shown(path: Path) -> str:
    """A path as a person in the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
