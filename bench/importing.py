"""`python -m bench.importing 1000000`: how long an import of so many rows takes, and how long the
same file a second time, which changes nothing.

Into an empty shop, with the follow-up of a running shop beside it. Prints rows per second, the
most memory that the import held, and when the last counts and caches had been told.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench import import_rows
from bench.servers import Servers, run_python, running
from shop.local.places import ROOT
from shop.local.processes import Command, end

DATABASE = "bench_import"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    rows = parser.parse_args().rows
    with running() as servers, TemporaryDirectory(prefix="etalase-import-") as folder:
        file = Path(folder) / "rows.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            import_rows.write(csv.writer(out, lineterminator="\r\n").writerow, rows)
        env = empty_shop(servers)
        loop = Command([sys.executable, "manage.py", "money_loop"], env, ROOT).start()
        try:
            first, megabytes = import_file(env, file)
            follow = seconds_until_told(servers)
            second, _same = import_file(env, file)
        finally:
            end(loop, grace=10)
    sys.stdout.write(
        f"{rows:,} rows of {file.name}: {first:.0f} s, {rows / first:,.0f} rows/s;"
        f" told {follow:.0f} s later; again, changing nothing: {second:.0f} s,"
        f" {rows / second:,.0f} rows/s; at most {megabytes:.0f} MB\n"
    )


def empty_shop(servers: Servers) -> Mapping[str, str]:
    """The environment of a shop with one seller at one place and nothing to sell."""
    servers.fresh_database(DATABASE)
    env = servers.environment(DATABASE, 9)
    run_python(env, "manage.py", "migrate", "--verbosity=0")
    run_python(env, "-m", "bench.boutique")
    return env


def import_file(env: Mapping[str, str], file: Path) -> tuple[float, float]:
    """Seconds, and the most megabytes held. The command shows its progress itself."""
    start = time.monotonic()
    command = [sys.executable, "manage.py", "import_catalogue", str(file), "--create-categories"]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    _pid, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), command)
    return time.monotonic() - start, usage.ru_maxrss / 1024


def seconds_until_told(servers: Servers) -> float:
    """Until counts and caches know of everything."""
    start = time.monotonic()
    with psycopg.connect(servers.owner_url(DATABASE), autocommit=True) as owner:
        waiting = "SELECT EXISTS (SELECT FROM catalog_listingchange)"
        while owner.execute(waiting).fetchone() == (True,):
            time.sleep(0.2)
    return time.monotonic() - start


if __name__ == "__main__":
    main()
