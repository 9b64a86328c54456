"""Bring .venv up to date with the hash-pinned requirements: `bootstrap.py local|dev`.

Runs under the machine's own Python before anything is installed, so it uses the standard library
only and keeps to syntax that an old Python can still read, to be able to say that it is too old.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "etalase.json"
# pip unpacks it beside the environment's own packages, where no later installation removes it.
OWN_UV = VENV / "uv"
# The development set contains the local one.
SETS = {"local": ("local",), "dev": ("local", "dev")}


class Failed(Exception):
    """What to tell the person, with the command that helps where there is one."""


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) == 2 else ""
    if wanted not in SETS:
        print("usage: bootstrap.py local|dev")
        return 2
    try:
        bring_up_to_date(wanted)
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return 0


def bring_up_to_date(wanted: str) -> None:
    stamp = read_stamp()
    if stamp.get(wanted) == fingerprint(wanted):
        return
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one may be reading this)
        version = ".".join(str(part) for part in sys.version_info[:3])
        raise Failed(
            f"Etalase needs Python 3.11 or newer; {sys.executable} is {version}.\n"
            "With a newer one installed: make PYTHON=python3.13 <target>"
        )
    # Somebody who once asked for the development tools keeps them.
    kept = "dev" if "dev" in stamp else wanted
    if not PYTHON.exists() or stamp.get("python", sys.version) != sys.version:
        with_time("environment", create_environment)
    with_time("packages", lambda: install(kept))
    STAMP.write_text(
        json.dumps({"python": sys.version, **{name: fingerprint(name) for name in SETS[kept]}})
    )


def read_stamp() -> "dict[str, str]":
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if PYTHON.exists() else {}


def fingerprint(name: str) -> str:
    """Changes with the requirements, with the machine's Python and when the checkout was moved."""
    parts = [requirements(name).read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def requirements(name: str) -> Path:
    return ROOT / f"requirements-{name}.txt"


def with_time(name: str, action: "Callable[[], object]") -> None:
    print(f"  {name:<13}", end="", flush=True)
    started = time.monotonic()
    try:
        detail = action()
    except BaseException:
        print("         not finished", flush=True)
        raise
    print(f"{time.monotonic() - started:6.1f} s  {detail}", flush=True)


def create_environment() -> str:
    detail = f".venv for Python {sys.version.split()[0]}"
    uv = shutil.which("uv")
    if uv and attempt([uv, "venv", "--clear", "--python", sys.executable, str(VENV)]):
        return detail
    require_venv()
    shutil.rmtree(VENV, ignore_errors=True)
    done = run([sys.executable, "-m", "venv", str(VENV)])
    if done.returncode:
        raise Failed(f"could not create {VENV}:\n{done.stdout}")
    return detail


def require_venv() -> None:
    """Debian ships Python without the part that puts pip into a new environment."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    if not shutil.which("apt-get"):
        raise Failed(f"{sys.executable} lacks venv or ensurepip; install them and try again.")
    sudo = "" if os.geteuid() == 0 else "sudo "
    raise Failed(
        "This machine's Python cannot create environments. One command brings what is missing:\n\n"
        f"    {sudo}apt-get install -y python3-venv\n"
    )


def install(name: str) -> str:
    """uv takes seconds where pip takes minutes; where uv cannot work, pip may."""
    uv = find_uv()
    if uv and attempt([uv, "pip", "sync", "--require-hashes", "-q", str(requirements(name))]):
        return f"requirements-{name}.txt, through uv"
    add_pip()
    done = pip("install", "--require-hashes", "-q", "-r", str(requirements(name)))
    if done.returncode:
        raise Failed(f"installing {requirements(name).name} failed:\n{done.stdout}")
    return f"requirements-{name}.txt, through pip"


def find_uv() -> "str | None":
    found = shutil.which("uv")
    if found:
        return found
    own = OWN_UV / "bin" / "uv"
    if not own.exists():
        pinned = str(ROOT / "shop" / "local" / "uv.txt")
        add_pip()
        pip("install", "--require-hashes", "-q", "--target", str(OWN_UV), "-r", pinned)
    return str(own) if own.exists() else None


def add_pip() -> None:
    """An environment that uv made has none."""
    if run([str(PYTHON), "-m", "pip", "--version"]).returncode:
        require_venv()
        run([str(PYTHON), "-m", "ensurepip"])


def pip(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments])


def attempt(command: "list[str]") -> bool:
    return run(command).returncode == 0


def run(command: "list[str]") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV)}
    # Set by people who want pip to refuse to work outside an environment; here it always is inside.
    environment.pop("PIP_REQUIRE_VIRTUALENV", None)
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        command,
        check=False,
        cwd=str(ROOT),
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


if __name__ == "__main__":
    sys.exit(main())
