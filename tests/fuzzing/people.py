"""`python -m tests.fuzzing.people` in a shop's environment: prints who is there as JSON."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    from tests.fuzzing.things import people  # noqa: PLC0415 - the apps had to be set up first

    sys.stdout.write(json.dumps(people(), default=str) + "\n")


if __name__ == "__main__":
    main()
