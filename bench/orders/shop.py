"""The whole shop as in production: web, worker, beat and money loop; and the world around it."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from redis import Redis

from bench.servers import WEB_PROCESSES, Servers, wait_until_ready
from bench.usage import cpu_seconds
from drills import scratch
from shop.local import ports, roles
from shop.local.processes import end

# Not the shop: who asks it for something, and those it asks.
WORLD = ("simulator", "mailbox")
# As behind a balancer: what has bought keeps its connection until it buys again.
MORE = {"web": ["--keep-alive=60"]}


@dataclass(frozen=True, slots=True)
class Shop(scratch.Shop):
    """`pids`: the first process of each part of the shop; `world` are those of its surroundings."""

    pids: Mapping[str, int] = field(default_factory=dict)
    world: Mapping[str, int] = field(default_factory=dict)

    def used(self) -> dict[str, float]:
        """CPU seconds of each part so far."""
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def used_by_world(self) -> float:
        """CPU seconds of gateway, mailbox and the clients, which are this very process."""
        return sum(map(cpu_seconds, self.world.values())) + sum(os.times()[:2])


@contextmanager
def whole_shop(servers: Servers, database: str) -> Iterator[Shop]:
    """Start it on a database that is migrated. Whatever an earlier one sent is gone."""
    web, simulator, mailbox = ports.any_free(), ports.any_free(), ports.any_free()
    env = servers.environment(database, web, simulator=simulator, mailbox=mailbox)
    used = {"web": web, "simulator": simulator, "mailbox": mailbox}
    _forget(servers)
    started = {}
    try:
        for role in roles.shop_roles(
            servers.local, used, env, web_processes=WEB_PROCESSES, couriers=False
        ):
            with role.log.open("wb") as log:
                command = replace(role.command, argv=[*role.command.argv, *MORE.get(role.name, ())])
                started[role.name] = command.start(log)
        wait_until_ready(web)
        pids = {name: process.pid for name, process in started.items()}
        yield Shop(
            url=env["PUBLIC_URL"],
            simulator_url=env["XENDIT_URL"],
            env=env,
            log=servers.local.log("web"),
            pids={name: pid for name, pid in pids.items() if name not in WORLD} | _kept(servers),
            world={name: pids[name] for name in WORLD},
        )
    finally:
        for process in started.values():
            end(process, grace=10)


def _kept(servers: Servers) -> dict[str, int]:
    postmaster = servers.postgres.data / "postmaster.pid"
    cache = Redis.from_url(servers.valkey.url(0))
    return {
        "postgres": int(postmaster.read_text().split()[0]),
        "valkey": int(cache.info("server")["process_id"]),
    }


def _forget(servers: Servers) -> None:
    for name in ("mail", "simulator"):
        shutil.rmtree(servers.local.path / name, ignore_errors=True)
    servers.local.create()
    Redis.from_url(servers.valkey.url(0)).flushall()
