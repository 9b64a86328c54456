"""`make lint`: every check runs, each gets its line, one that fails makes the whole fail.

Runs inside the test harness, because some checks ask a real PostgreSQL.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shop.local import messages
from shop.local.clients import writing
from shop.local.places import ROOT

_LONGEST_FILE = 400
_CODE = {".py", ".html", ".css", ".js", ".sh", ".tf", ".txt.html"}
# A server as deploy/ sets one up, as far as Django's own checks look at it.
_PRODUCTION = {
    "PUBLIC_URL": "https://shop.example",
    "TRUSTED_PROXIES": "10.0.0.0/16",
    "EXTRA_HOSTS": "",
    "MAILBOX_DIR": "",
    "STATIC_FROM_SOURCE": "false",
    "XENDIT_BUSINESS_ID": "5f27a14a9bf05c73dd040bc8",
}
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "shop.settings"}
_MANAGE = (sys.executable, "manage.py")

Check = Callable[[], str]
"""Returns what is wrong, or nothing."""


def main() -> int:
    failed = []
    for name, check in CHECKS.items():
        print(f"  {name:<22}", end="", flush=True)
        started = time.monotonic()
        wrong = check()
        verdict = "failed" if wrong else "ok"
        print(f"{time.monotonic() - started:6.1f} s  {verdict}", flush=True)
        if wrong:
            failed.append(name)
            print(_indented(wrong), flush=True)
    print(f"\n{len(CHECKS) - len(failed)} of {len(CHECKS)} checks passed", end="")
    print(f"; failed: {', '.join(failed)}" if failed else "")
    return 1 if failed else 0


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines())


def _program(*command: str, **env: str) -> Check:
    def check() -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return (done.stdout or "failed without a word") if done.returncode else ""

    return check


def _module(name: str, *arguments: str) -> Check:
    return _program(sys.executable, "-m", name, *arguments)


def _find_long_files() -> str:
    long = []
    for path in _code_files():
        lines = path.read_text().count("\n")
        if lines > _LONGEST_FILE:
            long.append(f"{path.relative_to(ROOT)}: {lines} lines, {_LONGEST_FILE} allowed")
    return "\n".join(long)


def _code_files() -> Sequence[Path]:
    """All files of the checkout with code in them; generated migrations may be long."""
    hidden_or_generated = {"migrations", "generated", "staticfiles", "node_modules", "__pycache__"}
    return [
        path
        for top in sorted(ROOT.iterdir())
        if not top.name.startswith(".")
        for path in ([top] if top.is_file() else sorted(top.rglob("*")))
        if path.suffix in _CODE and not hidden_or_generated & set(path.parts)
    ]


def _find_untranslated() -> str:
    return "\n".join(messages.check())


CHECKS: dict[str, Check] = {
    "ruff": _module("ruff", "check", "--output-format=concise", "."),
    "ruff format": _module("ruff", "format", "--check", "."),
    "mypy": _module("mypy", "--show-traceback", "."),
    "layers": _program("lint-imports", "--no-cache", "--no-logo"),
    "templates": _module("djlint", "--lint", "--quiet", "templates"),
    "file length": _find_long_files,
    "translations": _find_untranslated,
    "clients": writing.drifted,
    "migrations complete": _program(*_MANAGE, "makemigrations", "--check", "--dry-run"),
    "migrations linear": _program(sys.executable, "-m", "shop.local.linear", **_SETTINGS),
    "migrations safe": _program(
        *_MANAGE,
        "lintmigrations",
        "--settings=shop.local.lint_settings",
        f"--project-root-path={ROOT}",
        "--sql-analyser=postgresql",
        "--no-cache",
        "--quiet=ok",
        LOG_LEVEL="ERROR",
        DJANGO_SETTINGS_MODULE="shop.local.lint_settings",
    ),
    "deployment": _program(*_MANAGE, "check", "--deploy", "--fail-level=WARNING", **_PRODUCTION),
}
