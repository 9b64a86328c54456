"""Bring the database up to date: `python -m shop.local.prepare [--demo]`.

One process for all of it, as loading Django takes longer than finding that there is nothing to do.
"""

import sys
from io import StringIO

import django
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from shop.local.progress import step


def main() -> int:
    try:
        prepare()
    except SystemCheckError as refused:
        print(refused)
        return 1
    return 0


def prepare() -> None:
    with step("migrate") as done:
        django.setup()
        _call("check", "--tag=database", "--database=default")
        said = _call("migrate", "--no-input")
        applied = said.count("Applying ")
        done.detail = f"{applied} migrations applied" if applied else "up to date"
    if "--demo" in sys.argv[1:]:
        with step("demo") as done:
            lines = _call("load_demo").strip().splitlines()
            done.detail = lines[-1].strip() if lines else "loaded"


def _call(*command: str) -> str:
    said = StringIO()
    call_command(*command, stdout=said, no_color=True)
    return said.getvalue()


if __name__ == "__main__":
    sys.exit(main())
