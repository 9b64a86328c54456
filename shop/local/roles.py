"""The programs that make up a running shop."""

import signal
import sys
from collections.abc import Mapping

from shop.local.places import ROOT, Local
from shop.local.postgres import Postgres
from shop.local.processes import Command
from shop.local.supervisor import Role
from shop.local.valkey import Valkey

# Who takes requests stops first, who keeps the data stops last; one stage stops together.
STOP_ORDER = (
    ("web",),
    ("worker", "beat", "money_loop"),
    ("simulator", "mailbox", "couriers"),
    ("valkey",),
    ("postgres",),
)


def service_roles(local: Local, postgres: Postgres, valkey: Valkey) -> list[Role]:
    return [
        Role(
            "postgres",
            postgres.command(),
            local.log("postgres"),
            postgres.port,
            # A fast shutdown: connections are cut, transactions rolled back, data safe.
            stop_signal=signal.SIGINT,
            grace=30,
        ),
        Role("valkey", valkey.command(), local.log("valkey"), valkey.port),
    ]


def shop_roles(
    local: Local,
    ports: Mapping[str, int],
    env: Mapping[str, str],
    *,
    web_processes: int,
    couriers: bool,
    chaos: str | None = None,
) -> list[Role]:
    def role(name: str, *arguments: str, orphan_signal: signal.Signals = signal.SIGTERM) -> Role:
        command = Command([sys.executable, *arguments], env, ROOT, orphan_signal=orphan_signal)
        return Role(name, command, local.log(name), ports.get(name))

    def at(name: str) -> list[str]:
        return ["--host", "127.0.0.1", "--port", str(ports[name])]

    return [
        role("simulator", *_simulator(local, env, chaos), *at("simulator")),
        role("mailbox", "-m", "shop.local.mailbox", *at("mailbox"), "--dir", env["MAILBOX_DIR"]),
        role("web", "-m", "gunicorn", *_gunicorn(ports["web"], env, web_processes)),
        # Without its supervisor a worker must not first finish its tasks: the broker is gone too.
        role(
            "worker",
            *("-m", "celery", "-A", "shop", "worker", "--concurrency=2", "--loglevel=INFO"),
            orphan_signal=signal.SIGQUIT,
        ),
        role("beat", *_beat(local)),
        role("money_loop", "manage.py", "money_loop"),
        *([role("couriers", *_couriers(env), *at("couriers"))] if couriers else []),
    ]


def _simulator(local: Local, env: Mapping[str, str], chaos: str | None) -> list[str]:
    data = local.path / "simulator" / "simulator.sqlite3"
    hooks = f"{env['PUBLIC_URL']}/webhooks"
    told = ["-m", "shop.local.simulator", "--data", str(data)]
    told += ["--webhook-url", f"{hooks}/xendit/", "--midtrans-webhook-url", f"{hooks}/midtrans/"]
    return [*told, *(["--chaos", chaos] if chaos else [])]


def _couriers(env: Mapping[str, str]) -> list[str]:
    url = f"{env['PUBLIC_URL']}/webhooks/biteship/"
    return ["-m", "shop.local.couriers", "--webhook-url", url]


def _gunicorn(port: int, env: Mapping[str, str], processes: int) -> list[str]:
    arguments = [
        "shop.wsgi:application",
        f"--bind=127.0.0.1:{port}",
        f"--workers={processes}",
        "--worker-class=gthread",
        "--threads=4",
        # It would be shared by every gunicorn of this person.
        "--no-control-socket",
        "--graceful-timeout=5",
    ]
    # With DEBUG somebody is writing code and wants to see it at once; else one import serves all.
    is_debug = env.get("DEBUG", "").lower() in ("1", "true")
    return [*arguments, "--reload" if is_debug else "--preload"]


def _beat(local: Local) -> list[str]:
    schedule = local.path / "beat" / "schedule"
    return ["-m", "celery", "-A", "shop", "beat", "--pidfile=", f"--schedule={schedule}"]
