"""The browser of the browser tests, from Debian's packages where that is allowed."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from shop.local.progress import step

# Playwright's driver is a program of its own, and wants libatomic of the system.
PACKAGES = ("chromium", "fonts-liberation", "libatomic1")


def is_provided() -> bool:
    """Whether the browser tests have all that they need."""
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).exists()


def provide() -> None:
    """Install Chromium when it is missing and this is root; otherwise name the command."""
    if is_provided():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("chromium") as done:
            done.detail = "installed" if _install() else "could not be installed"
            if done.detail == "installed":
                return
    command = f"apt-get install -y {' '.join(PACKAGES)}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    print(
        "\n*** No browser: the browser tests are skipped. This enables them:"
        f"\n    {sudo}{command}\n"
    )


def _install() -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    )
    return all(
        subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
        ).returncode
        == 0
        for command in commands
    )
