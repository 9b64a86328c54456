"""The shop's settings plus the migration linter, which has no place on a server."""

from shop.settings import *  # noqa: F403 - all of them, and one more
from shop.settings import INSTALLED_APPS

INSTALLED_APPS += ["django_migration_linter"]
