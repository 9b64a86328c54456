"""The migrations of an app form one line: there is no order between two that end it."""

import sys

import django
from django.db.migrations.loader import MigrationLoader


def main() -> int:
    django.setup()
    conflicts = MigrationLoader(None).detect_conflicts()
    for app, names in conflicts.items():
        print(f"{app}: more than one last migration: {', '.join(sorted(names))}")
    return 1 if conflicts else 0


if __name__ == "__main__":
    sys.exit(main())
