"""`make run`: the whole shop on one machine, from nothing to its addresses."""

import argparse
import fcntl
import http.client
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from shop.local import environment, ports, postgres, translations
from shop.local.places import ROOT, Local, shown
from shop.local.processes import Command, adopt_orphans, inherited, kill_all_children
from shop.local.progress import say, step
from shop.local.roles import STOP_ORDER, service_roles, shop_roles
from shop.local.simulator.chaos import read_spec
from shop.local.supervisor import Supervisor
from shop.local.valkey import Valkey

STAFF_EMAIL = "staff@example.com"
CUSTOMER_EMAIL = "customer@example.com"
# A machine busy with other things may take minutes; what keeps dying is noticed long before.
_PATIENCE = 180
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """Somebody wants the shop to stop."""


class Failed(Exception):
    """The shop could not start; the text says why and where to look."""


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    local = Local(options.dir.resolve())
    local.create()
    with local.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"This shop is already running{_where(local)}")
            return 1
        return _run_until_stopped(local, options)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shop.local run", description=__doc__)
    parser.add_argument("--dir", type=Path, default=ROOT / ".local", help="where its data lives")
    parser.add_argument("--no-demo", action="store_true", help="do not load the demo boutique")
    parser.add_argument("--web-processes", type=int, default=2)
    parser.add_argument(
        "--couriers",
        choices=("table", "biteship", "rajaongkir"),
        default="table",
        help="who says what a parcel costs; an API is played by a simulator",
    )
    parser.add_argument(
        "--chaos",
        type=_chaos,
        metavar="SEED[:INTENSITY]",
        help="a payment gateway with trouble at random; the same seed, the same trouble",
    )
    return parser.parse_args(arguments)


def _chaos(text: str) -> str:
    read_spec(text)
    return text


def _where(local: Local) -> str:
    try:
        url = json.loads(local.run_file.read_text())["url"]
    except (OSError, ValueError, KeyError):
        return f" (starting or stopping) in {shown(local.path)}"
    return f" at {url} (see {shown(local.run_file)})"


def _run_until_stopped(local: Local, options: argparse.Namespace) -> int:
    for caught in _STOPPING:
        signal.signal(caught, _ask_to_stop)
    adopt_orphans()
    supervisor = Supervisor(local, say=lambda text: say(f"  {text}"))
    has_terminal = os.isatty(0)
    try:
        _start(supervisor, options)
        supervisor.run_until(_terminal_is_closed if has_terminal else lambda: False)
    except Stop:
        return 0
    except (Failed, postgres.PostgresFailed) as failure:
        say(f"\n{failure}")
        return 1
    finally:
        _stop(supervisor)
    return 0


def _terminal_is_closed() -> bool:
    """Asked as well as signalled: make may be the only one who gets the signal, and keeps it."""
    terminal = select.poll()
    terminal.register(0, 0)
    return any(event & select.POLLHUP for _, event in terminal.poll(0))


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stop


def _stop(supervisor: Supervisor) -> None:
    for caught in _STOPPING:
        signal.signal(caught, signal.SIG_IGN)
    say("")
    with step("stopping") as done:
        supervisor.stop(STOP_ORDER)
        kill_all_children()
        done.detail = "everything has stopped; the data is kept"


def _start(supervisor: Supervisor, options: argparse.Namespace) -> None:
    local = supervisor.local
    port = _choose_ports(local)
    secret = environment.kept_secrets(local.env)
    services = _start_services(supervisor, port, secret)
    settings = environment.for_shop(local=local, ports=port, secret=secret) | services
    environment.write(local.env, settings)
    # A line that somebody added to the file counts, unless the caller's environment says otherwise.
    env = environment.read(local.env) | inherited() | settings
    env |= {"ENV_FILE": str(local.env), "PYTHONUNBUFFERED": "1"}
    couriers = environment.for_couriers(options.couriers, port=port["couriers"])
    env |= couriers
    with step("translations") as done:
        done.detail = translations.compile_all()
    _prepare(local, env, with_demo=not options.no_demo)
    with step("shop") as done:
        roles = shop_roles(
            local,
            port,
            env,
            web_processes=options.web_processes,
            couriers=bool(couriers),
            chaos=options.chaos,
        )
        for role in roles:
            supervisor.start(role)
        _wait_for_web(supervisor, port["web"])
        done.detail = ", ".join(supervisor.running)
    _announce(supervisor, port, env, with_demo=not options.no_demo)
    if options.chaos:
        say(f"  The gateway makes trouble: --chaos {options.chaos} repeats it.")


def _choose_ports(local: Local) -> dict[str, int]:
    with step("ports") as done:
        chosen, moved = ports.choose(local.ports)
        done.detail = "; ".join(moved) or ", ".join(f"{n} {p}" for n, p in chosen.items())
    return chosen


def _start_services(
    supervisor: Supervisor, port: dict[str, int], secret: dict[str, str]
) -> dict[str, str]:
    local = supervisor.local
    valkey = Valkey(local.path / "valkey", port["valkey"], secret["VALKEY_PASSWORD"])
    with step("postgres") as done:
        server = postgres.place(local=local.path, log=local.log("postgres"), port=port["postgres"])
        is_new = server.create_cluster()
        for role in service_roles(local, server, valkey):
            supervisor.start(role)
        _wait(supervisor, "postgres", server.answers)
        server.create_database(password=secret["DB_PASSWORD"])
        done.detail = f"{'new ' if is_new else ''}data in {shown(server.data)}"
    with step("valkey") as done:
        _wait(supervisor, "valkey", valkey.answers)
        done.detail = f"data in {shown(valkey.data)}"
    return environment.services(server, valkey, secret["DB_PASSWORD"])


def _wait(supervisor: Supervisor, name: str, is_ready: Callable[[], bool]) -> None:
    if not supervisor.wait_for(is_ready, seconds=_PATIENCE, watched=name):
        raise Failed(f"{name} does not answer.\n{_tail(supervisor.local.log(name))}")


def _wait_for_web(supervisor: Supervisor, port: int) -> None:
    def is_ready() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    _wait(supervisor, "web", is_ready)


def _prepare(local: Local, env: dict[str, str], *, with_demo: bool) -> None:
    """Migrate and load the demo boutique; both may take as long as they need."""
    patient = env | {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "DB_STATEMENT_TIMEOUT_MS": "0",
        "DB_POOL_MAX": "0",
    }
    command = [sys.executable, "-m", "shop.local.prepare", *(["--demo"] if with_demo else [])]
    log = local.log("prepare")
    log.unlink(missing_ok=True)
    if Command(command, patient, ROOT).run(log):
        raise Failed(f"The database could not be prepared.\n{_tail(log)}")


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"The end of {shown(log)}:", *lines[-25:]])


def _announce(
    supervisor: Supervisor, port: dict[str, int], env: dict[str, str], *, with_demo: bool
) -> None:
    url = env["PUBLIC_URL"]
    supervisor.announce(
        {
            "url": url,
            "admin_url": f"{url}/admin/",
            "mailbox_url": f"{url}/dev/mail/",
            "simulator_url": f"http://127.0.0.1:{port['simulator']}",
        }
    )
    staff = f"   {STAFF_EMAIL} / {env['DEMO_STAFF_PASSWORD']}" if with_demo else ""
    code = f"\n             the code:   {_staff_code(supervisor.local)}" if with_demo else ""
    customer = f"   {CUSTOMER_EMAIL} / {env['DEMO_CUSTOMER_PASSWORD']}" if with_demo else ""
    say(
        f"\n  shop       {url}/{customer}"
        f"\n  admin      {url}/admin/{staff}{code}"
        f"\n  payments   http://127.0.0.1:{port['simulator']}/"
        f"\n  mailbox    {url}/dev/mail/"
        "\n\n  Ctrl-C stops it."
    )


def _staff_code(local: Local) -> str:
    """What prints the code that the admin's sign-in asks for."""
    if local.path == ROOT / ".local":
        return "make staff-code"
    return f"python -m shop.local staff-code --dir {shown(local.path)}"
