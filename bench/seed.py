"""`python -m bench.seed 10000`: fill the shop of the environment; BENCH_OWNER owns its database."""

import os
import sys

import django
import psycopg

django.setup()

from bench.seeding import seed  # noqa: E402 - models cannot be imported before

with psycopg.connect(os.environ["BENCH_OWNER"], autocommit=True) as owner:
    seed(owner, int(sys.argv[1]))
