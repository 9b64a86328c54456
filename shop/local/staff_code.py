"""`make staff-code`: what an app on the phone of the demo's owner would show now."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from accounts.totp import code_at
from shop.local import environment
from shop.local.places import ROOT, Local
from shop.local.progress import say


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m shop.local staff-code", description=__doc__)
    parser.add_argument("--dir", type=Path, default=ROOT / ".local", help="where its data lives")
    local = Local(parser.parse_args(arguments).dir.resolve())
    secret = environment.read(local.env).get("DEMO_STAFF_TOTP_SECRET")
    if not secret:
        say("There is no shop yet: `make run` first.")
        return 1
    say(code_at(secret, at=time.time()))
    return 0
