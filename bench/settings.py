"""The shop's settings, with an address more: an empty view to compare with."""

from shop.settings import *  # noqa: F403 - the shop as it is

ROOT_URLCONF = "bench.urls"
